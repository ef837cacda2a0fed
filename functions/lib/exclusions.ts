import { ExclusionsUnreadable } from './errors.ts';
import { problemsOf } from './problems.ts';
import { InstanceId } from './schemas/common.ts';
import * as z from './zod.ts';

const EXCLUDE_TAG = 'fleetwright:exclude';
const RETIRING_TAG = 'fleetwright:retiring';
const GROUP_TAG = 'aws:autoscaling:groupName';

/** The parameter's value; nothing else may stand in it, so that a slip of the pen excludes too much and not too little. */
const Document = z.strictObject({
  instances: z.optional(z.array(InstanceId)),
  autoScalingGroups: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(255)))),
  reason: z.optional(z.string()),
});
type ExclusionsDocument = z.infer<typeof Document>;

/** One source of exclusions; `source` says where it stands. */
export interface Exclusions {
  readonly source: string;
  readonly instances: ReadonlySet<string>;
  readonly autoScalingGroups: ReadonlySet<string>;
  readonly reason?: string | undefined;
}

/** An instance as EC2 DescribeInstances shows it. */
export interface TaggedInstance {
  readonly InstanceId?: string | undefined;
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** Reads the JSON text of the parameter. Throws ExclusionsUnreadable with every problem, by path. */
export function parseExclusions(parameter: string, text: string): Exclusions {
  const { instances = [], autoScalingGroups = [], reason } = documentIn(parameter, text);
  return {
    source: `the parameter ${parameter}`,
    instances: new Set(instances),
    autoScalingGroups: new Set(autoScalingGroups),
    reason,
  };
}

function documentIn(parameter: string, text: string): ExclusionsDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(parameter, `is no JSON (${(error as Error).message})`);
  }
  const result = Document.safeParse(value);
  if (!result.success) throw unreadable(parameter, `cannot be used: ${problemsOf(result.error)}`);
  return result.data;
}

/** Why nothing may be touched as long as the parameter is as it is, and how to mend it. */
export const unreadable = (parameter: string, problem: string): ExclusionsUnreadable =>
  new ExclusionsUnreadable(
    `The parameter ${parameter}, which says what must not be touched, ${problem}. Nothing is touched until it can be read. ` +
      `To exclude nothing by it: aws ssm put-parameter --overwrite --name ${parameter} --type String --value '{}'`,
  );

/**
 * Why an instance must not be touched, as the end of a sentence that begins with its id; undefined where nothing is
 * against it. Tags go first, because they stand nearest to the instance.
 */
export function exclusionOf(instance: TaggedInstance, sources: readonly Exclusions[]): string | undefined {
  const { InstanceId: id = '', Tags = [] } = instance;
  const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
  if (tag(EXCLUDE_TAG) === 'true') return `is excluded by its tag ${EXCLUDE_TAG}=true`;
  if (tag(RETIRING_TAG) !== undefined) return `is kept for its successor's sake alone (tag ${RETIRING_TAG})`;
  const group = tag(GROUP_TAG);
  for (const exclusions of sources) {
    const { source, instances, autoScalingGroups } = exclusions;
    const because = becauseOf(exclusions);
    if (instances.has(id)) return `is excluded by ${source}${because}`;
    if (group !== undefined && autoScalingGroups.has(group))
      return `is excluded with its Auto Scaling group ${group} by ${source}${because}`;
  }
  return undefined;
}

/** The same for an Auto Scaling group; the sentence begins with its name. */
export function exclusionOfGroup(
  { name, tags }: { readonly name: string; readonly tags: Readonly<Record<string, string>> },
  sources: readonly Exclusions[],
): string | undefined {
  if (tags[EXCLUDE_TAG] === 'true') return `is excluded by its tag ${EXCLUDE_TAG}=true`;
  const found = sources.find(({ autoScalingGroups }) => autoScalingGroups.has(name));
  return found && `is excluded by ${found.source}${becauseOf(found)}`;
}

const becauseOf = ({ reason }: Exclusions): string => (reason === undefined ? '' : ` (${reason})`);
