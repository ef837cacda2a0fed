import { OPERATOR } from '../core/credentials.ts';
import type { World } from '../core/world.ts';
import type { Json, Parameter } from './template.ts';

/** What `cdk bootstrap` leaves in an account. */
const KNOWN_SSM_PARAMETERS: Readonly<Record<string, string>> = { '/cdk-bootstrap/hnb659fds/version': '30' };

const SSM_VALUE = /^AWS::SSM::Parameter::Value<(.+)>$/;

async function fromParameterStore(name: string, { dispatcher }: Pick<World, 'dispatcher'>): Promise<string> {
  const known = KNOWN_SSM_PARAMETERS[name];
  if (known !== undefined) return known;
  const output = (await dispatcher.call(OPERATOR.caller, 'ssm', 'GetParameter', { Name: name })) as {
    Parameter: { Value: string };
  };
  return output.Parameter.Value;
}

function check(name: string, value: string, parameter: Parameter): void {
  const refuse = (rule: string): never => {
    throw new Error(`Parameter '${name}' ${parameter.ConstraintDescription ?? rule}; found '${value}'`);
  };
  const { AllowedValues, AllowedPattern, MinLength = 0, MaxLength = Infinity, Type } = parameter;
  if (AllowedValues?.includes(value) === false) refuse(`must be one of AllowedValues ${AllowedValues.join(', ')}`);
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
    refuse(`must match pattern ${AllowedPattern}`);
  if (value.length < MinLength || value.length > MaxLength)
    refuse(`must contain ${MinLength} to ${MaxLength} characters`);
  if (Type === 'Number') checkNumber(Number(value), parameter, refuse);
}

function checkNumber(
  value: number,
  { MinValue = -Infinity, MaxValue = Infinity }: Parameter,
  refuse: (rule: string) => never,
): void {
  if (Number.isNaN(value)) refuse('must be a number');
  if (value < MinValue || value > MaxValue) refuse(`must be ${MinValue} to ${MaxValue}`);
}

const isList = (type: string): boolean => type === 'CommaDelimitedList' || type.startsWith('List<');

/** The values of a stack's parameters, from those given and the defaults. Throws an Error naming the parameter. */
export async function parameterValues(
  parameters: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, string>>,
  world: Pick<World, 'dispatcher'>,
): Promise<ReadonlyMap<string, Json>> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(parameters, name));
  if (unknown.length > 0) throw new Error(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const values = new Map<string, Json>();
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = given[name] ?? parameter.Default;
    if (value === undefined) throw new Error(`Parameters: [${name}] must have values`);
    check(name, value, parameter);
    const type = SSM_VALUE.exec(parameter.Type)?.[1];
    const resolved = type === undefined ? value : await fromParameterStore(value, world);
    values.set(name, isList(type ?? parameter.Type) ? resolved.split(',').map((each) => each.trim()) : resolved);
  }
  return values;
}
