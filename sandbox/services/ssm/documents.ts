import { AwsError } from '../../core/aws-error.ts';

interface DocumentParameter {
  readonly type: 'String' | 'StringList';
  readonly default?: string;
  readonly minItems?: number;
  readonly maxChars?: number;
  readonly allowedPattern?: RegExp;
}

/** A public Command document as the sandbox runs it: one plugin that runs a script. */
export interface CommandDocument {
  readonly name: string;
  readonly platform: 'Linux' | 'Windows';
  /** As GetCommandInvocation names it. */
  readonly pluginName: string;
  /** The folders of its output below the instance's, in S3 and on the machine. */
  readonly folders: string;
  readonly script: string;
  readonly parameters: Readonly<Record<string, DocumentParameter>>;
}

/** 1 to 172,800 seconds, as the documents' own pattern has it. */
const SECONDS = /^(?:[1-9]\d{0,4}|1[0-6]\d{4}|17[01]\d{3}|172[0-7]\d{2}|172800)$/;

const PARAMETERS: CommandDocument['parameters'] = {
  commands: { type: 'StringList', minItems: 1 },
  workingDirectory: { type: 'String', default: '', maxChars: 4096 },
  executionTimeout: { type: 'String', default: '3600', allowedPattern: SECONDS },
};

const document = (platform: CommandDocument['platform'], plugin: string, script: string): CommandDocument => ({
  name: `AWS-R${plugin.slice(1)}`,
  platform,
  pluginName: `aws:${plugin}`,
  folders: `aws${plugin}/0.aws${plugin}`,
  script,
  parameters: PARAMETERS,
});

const DOCUMENTS: ReadonlyMap<string, CommandDocument> = new Map(
  [document('Linux', 'runShellScript', '_script.sh'), document('Windows', 'runPowerShellScript', '_script.ps1')].map(
    (each) => [each.name, each],
  ),
);

/** The name of a document that is given by name or ARN. */
export const documentName = (nameOrArn: string): string => nameOrArn.replace(/^arn:[^/]*:document\//, '');

/** Finds a document; those of Amazon belong to no account. Throws InvalidDocument for any that the sandbox does not have. */
export function findDocument(nameOrArn: string): CommandDocument {
  const found = DOCUMENTS.get(documentName(nameOrArn));
  if (found === undefined)
    throw new AwsError('InvalidDocument', `Document with name ${documentName(nameOrArn)} does not exist.`);
  return found;
}

export type ParameterValues = Readonly<Record<string, readonly string[]>>;

/** Checks the parameters of a SendCommand and fills in what it leaves out. Throws InvalidParameters. */
export function checkedParameters(document: CommandDocument, given: ParameterValues): ParameterValues {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(document.parameters, name));
  if (unknown.length > 0) throw invalid(`document ${document.name} does not support parameters: ${unknown.join(', ')}`);
  return Object.fromEntries(
    Object.entries(document.parameters).map(([name, parameter]) => {
      const values = given[name] ?? (parameter.default === undefined ? undefined : [parameter.default]);
      if (values === undefined) throw invalid(`document ${document.name} requires parameter ${name}`);
      check(name, parameter, values);
      return [name, values];
    }),
  );
}

function check(
  name: string,
  { type, minItems = 0, maxChars, allowedPattern }: DocumentParameter,
  values: readonly string[],
): void {
  if (type === 'String' && values.length !== 1) throw invalid(`Parameter ${name} must be a single value`);
  if (values.length < minItems) throw invalid(`Parameter ${name} must have at least ${minItems} items`);
  for (const value of values) {
    if (maxChars !== undefined && value.length > maxChars)
      throw invalid(`Parameter ${name} is longer than ${maxChars} characters`);
    if (allowedPattern?.test(value) === false)
      throw invalid(`Parameter ${name} does not match the allowed pattern ${allowedPattern.source}`);
  }
}

export const invalid = (message: string): AwsError => new AwsError('InvalidParameters', message);

const PARAMETER_REFERENCE = /\{\{\s*ssm:([\w./-]+)\s*\}\}/g;

/** Names of the Parameter Store parameters that a command refers to. */
export const referencedParameters = (parameters: ParameterValues): readonly string[] => [
  ...new Set(
    Object.values(parameters).flatMap((values) =>
      values.flatMap((value) => [...value.matchAll(PARAMETER_REFERENCE)].map(([, name]) => name ?? '')),
    ),
  ),
];

/** Puts values of Parameter Store in place of `{{ssm:NAME}}`, wherever it stands, as SSM does before it sends. */
export function substituteStored(parameters: ParameterValues, valueOf: (name: string) => string): ParameterValues {
  return Object.fromEntries(
    Object.entries(parameters).map(([key, values]) => [
      key,
      values.map((value) => value.replace(PARAMETER_REFERENCE, (_match, name: string) => valueOf(name))),
    ]),
  );
}

/** Puts the document's own String parameters in place of `{{ NAME }}` inside the commands; others stay as they are. */
export function substituteOwn(document: CommandDocument, parameters: ParameterValues): readonly string[] {
  return (parameters['commands'] ?? []).map((line) =>
    line.replace(/\{\{\s*(\w+)\s*\}\}/g, (match, name: string) => {
      const value = parameters[name];
      return document.parameters[name]?.type === 'String' && value !== undefined ? value.join('') : match;
    }),
  );
}
