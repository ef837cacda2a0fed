import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { IMAGE, isReserved, type ParameterVersion, type Put, tierOf } from './parameter-model.ts';

const SIZES = { Standard: 4096, Advanced: 8192 };

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** @throws AwsError AccessDeniedException for the names of public parameters, ValidationException for what is no name */
export function checkName(name: string): void {
  if (isReserved(name)) throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  if (/^\/?ssm/i.test(name) || !/^\/?[\w.-]+(?:\/[\w.-]+)*$/.test(name))
    throw invalid(
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
}

/** What PutParameter refuses before it answers. Source: Systems Manager API Reference, PutParameter. */
export function checkPut(put: Put, last: ParameterVersion | undefined): void {
  if (last !== undefined && put.overwrite !== true) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  checkType(put, last);
  checkValue(put, last);
}

function checkType({ type, dataType }: Put, last: ParameterVersion | undefined): void {
  if (type === undefined && last === undefined)
    throw invalid('A parameter type is required when you create a parameter.');
  if (type !== undefined && last !== undefined && type !== last.type)
    throw new AwsError('HierarchyTypeMismatchException', 'The type of an existing parameter cannot be changed.');
  if (dataType === undefined) return;
  if (dataType !== 'text' && dataType !== IMAGE) throw notImplemented(`the parameter data type '${dataType}'`);
  if (last !== undefined && dataType !== last.dataType)
    throw invalid(`The data type of an existing parameter cannot be changed from ${last.dataType} to ${dataType}.`);
  if (dataType === IMAGE && (type ?? last?.type) !== 'String')
    throw invalid(`The data type ${IMAGE} is valid for parameters of type String only.`);
}

function checkValue(put: Put, last: ParameterVersion | undefined): void {
  const { value, tier, allowedPattern } = put;
  if (value === '')
    throw invalid(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (tier === 'Standard' && last?.tier === 'Advanced')
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  const kept = tierOf(put, last);
  if (Buffer.byteLength(value) > SIZES[kept])
    throw invalid(
      `${kept} tier parameters support a maximum parameter value of ${SIZES[kept]} characters.${kept === 'Standard' ? ' To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.' : ''}`,
    );
  if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
}
