import * as z from 'zod';
import { RolloutPolicy } from '../functions/lib/schemas/rollout-policy.ts';
import type { ParameterName } from '../functions/lib/schemas/rollout-policy.ts';

/** A function has a rule and a grant for each, and Lambda and IAM take no more of them than fit into their policies. */
const MOST = 50;
const MOST_BYTES = 4096;
/** Parameter Store takes 15 levels, of which the policies' own names need three. */
const MOST_LEVELS = 12;

const EVENTS = {
  native: 'the event Parameter Store Change',
  cloudtrail: 'the event of CloudTrail for PutParameter, which needs a trail in the account',
} as const;
const named = Object.entries(EVENTS).map(([name, what]) => `${name} (${what})`);

const AmiParameter = z.strictObject({
  ...RolloutPolicy.shape,
  event: z
    .enum(Object.keys(EVENTS) as (keyof typeof EVENTS)[], { error: `give ${named.join(' or ')}` })
    .default('native'),
});
/** A parameter that is followed: its policy, and by which event its changes are noticed. */
export type AmiParameter = z.output<typeof AmiParameter>;

/** Public parameters belong to AWS and raise no event in the account, so that the drift check alone follows them. */
export const isPublic = ({ parameter }: { readonly parameter: z.output<typeof ParameterName> }): boolean =>
  parameter.startsWith('/aws/service/');

/** The parameters that are followed; the setting `amiParameters`. */
export const AmiParameters = z
  .array(AmiParameter, { error: 'give a list of policies, one for each parameter' })
  .max(MOST, { error: `give at most ${MOST} parameters` })
  .superRefine((entries, context) => {
    const refuse = (index: number, input: string, message: string) =>
      context.addIssue({ code: 'custom', path: [index, 'parameter'], input, message });
    for (const [index, { parameter }] of entries.entries()) {
      const first = entries.findIndex((entry) => entry.parameter === parameter);
      if (first !== index) refuse(index, parameter, `put it together with amiParameters.${first}, which follows it`);
      if (parameter.split('/').length - 1 > MOST_LEVELS) refuse(index, parameter, `give at most ${MOST_LEVELS} levels`);
    }
    const names = entries.map(({ parameter }) => parameter).join('');
    if (Buffer.byteLength(names) > MOST_BYTES)
      refuse(entries.length - 1, entries.at(-1)?.parameter ?? '', `give names of at most ${MOST_BYTES} bytes together`);
  })
  .default([]);
