import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { constraint } from '../../core/constraints.ts';
import { parseSchedule, type Schedule } from '../events/schedule-expression.ts';
import type { Definition } from './associations-model.ts';
import { checkedParameters, findDocument, substituteStored } from './documents.ts';
import type { ParameterStore } from './parameter-store.ts';
import { checkTargets, tester } from './targets.ts';

/** Automation runbooks of Amazon's that an association may name here; none of them runs. */
const AUTOMATIONS = ['AWS-RestartEC2Instance', 'AWS-StartEC2Instance', 'AWS-StopEC2Instance'];
const VERSIONS = ['1', '$DEFAULT', '$LATEST'];
const SHORTEST_RATE = 30;

/** What members may hold (API reference, CreateAssociation). */
const PATTERNS = [
  ['AssociationName', /^[\w.-]{3,128}$/],
  ['MaxConcurrency', /^(?:[1-9]\d*|[1-9]\d%|[1-9]%|100%)$/],
  ['MaxErrors', /^(?:[1-9]\d*|0|[1-9]\d%|\d%|100%)$/],
  ['ComplianceSeverity', /^(?:CRITICAL|HIGH|MEDIUM|LOW|UNSPECIFIED)$/],
  ['SyncCompliance', /^(?:AUTO|MANUAL)$/],
] as const;

/** What keeps an association from running in the sandbox; undefined where nothing does. */
export function unrunnable(definition: Definition): string | undefined {
  if (definition.TargetLocations?.length) return 'associations with TargetLocations';
  if (definition.TargetMaps?.length) return 'associations with TargetMaps';
  const automation =
    definition.AutomationTargetParameterName !== undefined || AUTOMATIONS.includes(definition.Name ?? '');
  return automation ? 'associations with Automation runbooks' : undefined;
}

/**
 * Checks what CreateAssociation and UpdateAssociation are given. Throws InvalidDocument, InvalidDocumentVersion,
 * InvalidParameters, InvalidSchedule, InvalidTarget, ValidationException; NotImplemented for what it cannot tell.
 */
export function checkDefinition(definition: Definition, store: ParameterStore): void {
  for (const [member, pattern] of PATTERNS) {
    const value = definition[member];
    if (value !== undefined && !pattern.test(value))
      throw constraint(value, camel(member), `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
  checkTargets(definition.Targets ?? []);
  if (definition.Targets?.length && definition.TargetMaps?.length)
    throw new AwsError('ValidationException', "Targets and TargetMaps can't be specified together.");
  scheduleOf(definition, 0);
  const gap = unrunnable(definition);
  if (gap === undefined) checkCommand(definition, store);
  else checkUnrunnable(definition, gap);
}

const camel = (member: string): string => member.charAt(0).toLowerCase() + member.slice(1);

function checkCommand(definition: Definition, store: ParameterStore): void {
  const document = findDocument(definition.Name ?? '');
  if (definition.DocumentVersion !== undefined && !VERSIONS.includes(definition.DocumentVersion))
    throw new AwsError('InvalidDocumentVersion', 'The document version is not valid or does not exist.');
  if (!definition.Targets?.length)
    throw new AwsError('InvalidTarget', 'The association must have targets: tags or instance ids.');
  // A kind of target that is not modelled is refused here, and not when the association is due.
  definition.Targets.forEach(tester);
  substituteStored(checkedParameters(document, definition.Parameters ?? {}), (name) => store.valueForCommand(name));
}

/** Kept to be described and refused; its document is not looked into. */
function checkUnrunnable({ Name, ScheduleExpression }: Definition, gap: string): void {
  if (ScheduleExpression !== undefined) throw notImplemented(`schedules of ${gap}`);
  if (!AUTOMATIONS.includes(Name ?? '')) findDocument(Name ?? '');
}

/**
 * When an association is due, undefined without a schedule. Throws InvalidSchedule, ValidationException; NotImplemented for
 * `at(…)` and for a cron of seven fields, which begins with seconds.
 */
export function scheduleOf(definition: Definition, start: number): Schedule | undefined {
  const { ScheduleExpression: expression, ApplyOnlyAtCronInterval: onlyThen } = definition;
  if (expression === undefined) return undefined;
  const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(expression) ?? [];
  if (expression.startsWith('at(') || /^cron\((?:\S+ +){6}\S+\)$/.test(expression))
    throw notImplemented(`the association schedule ${expression}`);
  if (expression.startsWith('rate(') && onlyThen === true)
    throw new AwsError('ValidationException', 'ApplyOnlyAtCronInterval is not supported for rate expressions.');
  if (minutes !== undefined && Number(minutes) < SHORTEST_RATE)
    throw new AwsError('InvalidSchedule', `A rate of an association is at least ${SHORTEST_RATE} minutes.`);
  try {
    return parseSchedule(expression, start);
  } catch (error) {
    if (error instanceof AwsError) throw new AwsError('InvalidSchedule', `The schedule ${expression} is invalid.`);
    throw error;
  }
}

/** The bucket and prefix for the output; empty without one. */
export function outputOf({ OutputLocation }: Definition): { readonly bucket: string; readonly keyPrefix: string } {
  const { OutputS3BucketName: bucket = '', OutputS3KeyPrefix: keyPrefix = '' }: ssm.S3OutputLocation =
    OutputLocation?.S3Location ?? {};
  return { bucket, keyPrefix };
}
