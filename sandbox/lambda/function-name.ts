import { invalidParameter } from './errors.ts';

export interface FunctionReference {
  readonly name: string;
  /** Version or alias; undefined for the unqualified function. */
  readonly qualifier: string | undefined;
}

const FORMS =
  /^(?:arn:aws[\w-]*:lambda:(?<region>[a-z0-9-]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]{1,64})(?::(?<qualifier>\$LATEST|[\w-]{1,128}))?$/;

/**
 * Reads a FunctionName: a name, a partial ARN or an ARN, each with or without a qualifier, beside the Qualifier parameter.
 * Throws InvalidParameterValueException where the two contradict, ValidationException for another form.
 */
export function parseFunctionName(functionName: string | undefined, qualifier?: string): FunctionReference {
  const groups = FORMS.exec(functionName ?? '')?.groups;
  const name = groups?.['name'];
  if (name === undefined)
    throw invalidParameter(
      `1 validation error detected: Value '${functionName ?? ''}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern`,
    );
  const derived = groups?.['qualifier'];
  if (derived !== undefined && qualifier !== undefined && derived !== qualifier)
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  return { name, qualifier: derived ?? qualifier };
}
