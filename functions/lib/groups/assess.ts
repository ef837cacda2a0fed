import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { readEnv } from '../env.ts';
import { ImageDoesNotFit, TargetNotAllowed, TargetNotFound, TargetNotRollable, TemplateNotPinned } from '../errors.ts';
import { readExclusions } from '../exclusions-reader.ts';
import type { TemplateVersion } from '../schemas/refresh-asg.ts';
import * as z from '../zod.ts';
import { readGroup, type GroupState } from './group.ts';
import { membersOf } from './images-of.ts';
import { gateRefusal, refusalOf, rollableRefusal, type GroupRules, type Refusal } from './refusal.ts';
import { survey, type SurveyedGroup } from './survey.ts';

const { TAG_KEY, TAG_VALUE } = readEnv({ TAG_KEY: z.string().check(z.minLength(1)), TAG_VALUE: z.string() });

export interface Clients {
  readonly autoScaling: AutoScalingClient;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
}

interface Wanted {
  readonly autoScalingGroupName: string;
  readonly imageId: string;
  /** The group goes back to versions that it had, so nothing has to be made or to fit. */
  readonly backTo?: readonly TemplateVersion[] | undefined;
}

/** Throws TargetNotFound. */
export async function existing(autoScaling: AutoScalingClient, name: string): Promise<GroupState> {
  const group = await readGroup(autoScaling, name);
  if (group === undefined)
    throw new TargetNotFound(
      `There is no Auto Scaling group ${name} in this account and region, or it is being deleted`,
    );
  return group;
}

/** A group that may be touched, as of now. Throws TargetNotFound, TargetNotAllowed, ExclusionsUnreadable. */
export async function allowedGroup({ autoScaling, ec2, ssm }: Clients, name: string): Promise<GroupState> {
  const group = await existing(autoScaling, name);
  assertNot(gateRefusal(group, await membersOf(ec2, [group]), await rules(ssm)));
  return group;
}

/**
 * A group that can be rolled to an AMI, as of now. Throws what `refusalOf` says, TargetNotFound, ImageDoesNotFit for an AMI
 * that there is not, and ExclusionsUnreadable.
 */
export async function rollableGroup(clients: Clients, wanted: Wanted): Promise<SurveyedGroup> {
  const { autoScalingGroupName, imageId, backTo } = wanted;
  const state = await existing(clients.autoScaling, autoScalingGroupName);
  const held = await rules(clients.ssm);
  const { groups, facts } = await survey(clients, [state], imageId);
  const [surveyed] = groups;
  if (surveyed === undefined) throw new TargetNotFound(`There is no Auto Scaling group ${autoScalingGroupName}`);
  const { group, templates } = surveyed;
  assertNot(gateRefusal(group, facts.members, held) ?? rollableRefusal(group, templates));
  if (backTo !== undefined) return surveyed;
  const { image } = facts;
  if (image === undefined)
    throw new ImageDoesNotFit(`${imageId} does not exist in this region, or is not shared with this account`);
  assertNot(refusalOf(group, templates, { ...facts, image }, held));
  return surveyed;
}

const rules = async (ssm: SSMClient): Promise<GroupRules> => ({
  tagGate: { key: TAG_KEY, value: TAG_VALUE },
  exclusions: await readExclusions(ssm),
});

const THROWN: Readonly<Record<Refusal['reason'], (message: string) => Error>> = {
  TargetNotAllowed: (message) => new TargetNotAllowed(message),
  TargetNotRollable: (message) => new TargetNotRollable(message),
  TemplateNotPinned: (message) => new TemplateNotPinned(message),
  ImageDoesNotFit: (message) => new ImageDoesNotFit(message),
};

function assertNot(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw THROWN[refusal.reason](refusal.message);
}
