import type { RequestAnalysis, RunSimulationResults, Simulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from '../../core/resource-policies.ts';
import type { DenialReason } from '../../core/denial.ts';
import type { NamedPolicy } from './roles.ts';

/** May this principal do this, with these policies? */
export interface Question {
  readonly account: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly identity: readonly NamedPolicy[];
  readonly boundary: NamedPolicy | undefined;
  readonly resourcePolicy: PolicyDocument | undefined;
}

/** One element of an identity policy that let a call through: the action and the resource as the policy writes them. */
interface Match {
  readonly policy: string;
  readonly action: string;
  readonly resource: string;
}

export type Decision =
  | { readonly allowed: true; readonly matches: readonly Match[] }
  | { readonly allowed: false; readonly reason: DenialReason };

type Simulate = typeof import('@cloud-copilot/iam-simulate').runSimulation;
let simulate: Promise<Simulate> | undefined;

/** Loaded on first use and shared, because loading takes longer than a thousand decisions. */
const simulator = (): Promise<Simulate> =>
  (simulate ??= import('@cloud-copilot/iam-simulate').then(({ runSimulation }) => runSimulation));

/** Stands for AWS as the owner of a public SSM document, whose ARN has no account; the simulator's data wants one. */
const AWS_OWNED = '000000000000';
/** Stands before the id of an API: the simulator takes no wildcard in the first part of a resource, which it holds for a type. */
const API = 'api/';

const adapted = (arn: string): string =>
  arn
    .replace(/[\n\r\u2028\u2029]/gu, '\ufffd') // its wildcards match no line breaks, which the path of a request may hold
    .replace(/^(arn:[^:]+:ssm:[^:]*):(?=:)/u, `$1:${AWS_OWNED}`)
    .replace(/^(arn:[^:]+:execute-api:[^:]*:[^:]*:)(?=.)/u, `$1${API}`);
const restored = (arn: string): string =>
  arn.replace(`:${AWS_OWNED}:`, '::').replace(/^(arn:[^:]+:execute-api:[^:]*:[^:]*:)api\//u, '$1');

/** The account that a resource is in, where its ARN tells. */
const ownerOf = (arn: string): string | undefined => /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/u.exec(arn)?.[1];

function mapResources<T>(policy: T): T {
  return JSON.parse(JSON.stringify(policy), (key, value: unknown) =>
    key === 'Resource' || key === 'NotResource' ? [value].flat().map((arn) => adapted(String(arn))) : value,
  ) as T;
}

/** Decides by the policies alone, as the IAM policy evaluation logic of one account goes. */
export async function decide(question: Question): Promise<Decision> {
  const answer = await ask(question, question.resource);
  return answer.resultType === 'error' && answer.errors.message === 'must.use.wildcard'
    ? decision(question, await ask(question, '*'), '*')
    : decision(question, answer, question.resource);
}

async function ask(question: Question, resource: string): Promise<RunSimulationResults> {
  const { account, principal, action, context, identity, boundary, resourcePolicy } = question;
  const named = ({ name, policy }: NamedPolicy) => ({ name, policy: mapResources(policy) });
  const simulation: Simulation = {
    request: {
      principal,
      action,
      resource: { resource: adapted(resource), accountId: ownerOf(resource) ?? account },
      contextVariables: Object.fromEntries(
        Object.entries(context).map(([key, value]) => [key, typeof value === 'string' ? value : [...value]]),
      ),
    },
    identityPolicies: identity.map(named),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: resourcePolicy && mapResources(resourcePolicy),
    ...(boundary && { permissionBoundaryPolicies: [named(boundary)] }),
  };
  return (await simulator())(simulation, {});
}

function decision(question: Question, answer: RunSimulationResults, resource: string): Decision {
  if (answer.resultType === 'error') {
    throw new Error(
      `IAM cannot decide about ${question.action} on ${question.resource}: ${JSON.stringify(answer.errors)}`,
    );
  }
  const analyses =
    answer.resultType === 'single' ? [answer.result.analysis] : covering(answer.results, adapted(resource));
  const refused = analyses.find(({ result }) => result === 'ExplicitlyDenied');
  const allowed = analyses.find(({ result }) => result === 'Allowed');
  if (refused === undefined && allowed !== undefined) return { allowed: true, matches: matchesOf(allowed) };
  return { allowed: false, reason: reasonOf(refused ?? analyses[0], question.principal) };
}

/** An asterisk in the ARN of a call is an asterisk: a policy must cover the ARN as it stands, overlapping it is not enough. */
function covering(
  results: readonly { readonly resourcePattern: string; readonly analysis: RequestAnalysis }[],
  resource: string,
): RequestAnalysis[] {
  const covers = (pattern: string): boolean =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      'su',
    ).test(resource);
  return results
    .filter(({ resourcePattern, analysis }) => analysis.result === 'ExplicitlyDenied' || covers(resourcePattern))
    .map(({ analysis }) => analysis);
}

function reasonOf(analysis: RequestAnalysis | undefined, principal: string): DenialReason {
  if (analysis?.identityAnalysis?.result === 'ExplicitlyDenied') return 'identity-explicit';
  const ofResource = analysis?.resourceAnalysis?.result;
  if (ofResource === 'ExplicitlyDenied' || ofResource === 'DeniedForAccount') return 'resource-explicit';
  if (analysis?.permissionBoundaryAnalysis?.result === 'ExplicitlyDenied') return 'boundary-explicit';
  if (analysis?.blockedBy?.includes('pb')) return 'boundary-implicit';
  const byIdentity = analysis?.identityAnalysis?.result === 'Allowed';
  return byIdentity || !principal.startsWith('arn:') ? 'resource-implicit' : 'identity-implicit';
}

function matchesOf({ identityAnalysis }: RequestAnalysis): Match[] {
  return (identityAnalysis?.allowStatements ?? []).flatMap(({ policyId, explain }) => {
    const actions = [explain.actions ?? []].flat().filter(({ matches }) => matches);
    const resources = [explain.resources ?? []].flat().filter(({ matches }) => matches);
    return actions.flatMap(({ action }) =>
      resources.map(({ resource }) => ({ policy: policyId, action, resource: restored(resource) })),
    );
  });
}
