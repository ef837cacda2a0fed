import type { Instance } from '@aws-sdk/client-ec2';
import { isOnImage } from '../groups/images-of.ts';
import { refusalOf, type Facts, type GroupRules } from '../groups/refusal.ts';
import type { SurveyedGroup } from '../groups/survey.ts';
import type { Plan, PlannedTarget, Rollout } from '../schemas/ami-rollout-run.ts';
import type { RolloutTarget } from '../schemas/ami-rollout.ts';
import { InvalidRequest } from '../errors.ts';
import { MOST_WAVES } from './bake.ts';
import { skipped } from './targets.ts';
import { inOrder, inWaves, waveSizes } from './waves.ts';

/** What a plan is made from. */
export interface Known {
  readonly surveyed: readonly SurveyedGroup[];
  readonly instances: readonly Instance[];
  /** Names of the selector that nothing has. */
  readonly missing: readonly RolloutTarget[];
  readonly facts: Facts;
  readonly rules: GroupRules;
  /** Groups whose machines report to Systems Manager. */
  readonly reporting: ReadonlySet<string>;
}

/** Says of each target whether it is rolled, and in which wave, or why it is left alone. Reads nothing. */
export function planOf({ imageId, policy }: Rollout, known: Known): Plan {
  const { surveyed, instances, missing, facts, rules, reporting } = known;
  const planned: Omit<PlannedTarget, 'wave'>[] = [];
  const others: RolloutTarget[] = [...missing];
  for (const { group, templates, images } of surveyed) {
    const refusal = refusalOf(group, templates, facts, rules);
    if (refusal !== undefined)
      others.push(skipped('auto-scaling-group', group.name, `${refusal.reason}: ${refusal.message}`));
    else if (isOnImage(templates, images, imageId))
      others.push({ kind: 'auto-scaling-group', name: group.name, wave: null, status: 'UpToDate', reason: '' });
    else
      planned.push({
        ...{ name: group.name, desiredCapacity: group.desired },
        previous: previousOf(templates),
        reports: reporting.has(group.name),
      });
  }
  others.push(...instances.map((instance) => standalone(instance, imageId)));
  const ordered = inOrder(planned);
  return { planned: inWaves(ordered, waveSizes(ordered.length, policy.waves)), others };
}

export const wavesOf = ({ planned }: Plan): number => 1 + Math.max(-1, ...planned.map(({ wave }) => wave));

/** Throws InvalidRequest where the policy makes more waves than the history of an execution has room for. */
export function requireRoom({ parameter, policy }: Pick<Rollout, 'parameter' | 'policy'>, plan: Plan): void {
  const waves = wavesOf(plan);
  if (waves <= MOST_WAVES) return;
  const least = Math.ceil(plan.planned.length / (MOST_WAVES - 1));
  throw new InvalidRequest(
    `waves.batch of the policy of ${parameter} is ${policy.waves.batch}, which makes ${waves} waves of ${plan.planned.length} targets; ` +
      `a rollout has room for ${MOST_WAVES}. Give waves.batch at least ${least}. Nothing was changed.`,
  );
}

/** A group that is rolled has templates with numbers and AMIs: refusalOf says so. */
const previousOf = (templates: SurveyedGroup['templates']): PlannedTarget['previous'] =>
  templates.map(({ override, launchTemplateId, number, imageId }) => ({
    ...{ override, launchTemplateId },
    version: number ?? '',
    imageId: imageId ?? '',
  }));

/** The seam for instances of no group: a runbook that swaps them takes its place in the plan here. */
function standalone({ InstanceId = '', ImageId }: Instance, imageId: string): RolloutTarget {
  if (ImageId === imageId) return { kind: 'instance', name: InstanceId, wave: null, status: 'UpToDate', reason: '' };
  return skipped(
    'instance',
    InstanceId,
    'TargetNotRollable: no runbook of this version replaces instances of no group',
  );
}
