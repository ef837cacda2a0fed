import { join } from 'node:path';
import { bundleFunctions, type Bundles } from '../infra/constructs/bundle.ts';
import { functionNames, FUNCTIONS } from '../infra/constructs/function-names.ts';
import { functionEnvironments, WORKSHOP } from './lib/assembly.ts';
import { writeBareHandlers } from './lib/bare-handler.ts';
import { alternatingInit, type Environment } from './lib/init-time.ts';
import { rounded } from './lib/measure.ts';
import type { Suite } from './lib/suite.ts';

const STARTS = 21;
/** How much longer than the bare handler a function may take to initialise. */
const MOST = 1.25;

// A type, because an interface is no Record.
type FunctionRow = {
  readonly name: string;
  readonly bundleBytes: number;
  readonly bareBundleBytes: number;
  readonly initMs: number;
  readonly bareInitMs: number;
  readonly ratio: number;
};

/** What Lambda sets for every function, as far as the SDK and Powertools look at it while they load. */
const PLATFORM: Environment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
};

function bundleOf(bundles: Bundles, name: string): { readonly file: string; readonly bytes: number } {
  const bundle = bundles.get(name);
  if (bundle === undefined) throw new Error(`There is no bundle of ${name}.`);
  return { file: join(bundle.path, 'index.mjs'), bytes: bundle.bytes };
}

export const functionsSuite: Suite<FunctionRow> = {
  name: 'functions',
  method: `The size of each function's bundle, and how long a fresh Node process with the function's environment takes to import it,
beside a bare handler: the same SDK clients and commands, bundled by the same call, and nothing else. initMs and bareInitMs
are medians of ${STARTS} starts each, by turns (ours, bare, bare, ours, …); Lambda's own part of a cold start is not in them.`,
  run: async (assembly) => {
    const names = functionNames();
    const bareSources = join(WORKSHOP, 'bare-sources');
    writeBareHandlers(names, FUNCTIONS, bareSources);
    const bundles = bundleFunctions(FUNCTIONS, join(WORKSHOP, 'functions'));
    const bareBundles = bundleFunctions(bareSources, join(WORKSHOP, 'bare'));
    const environments = functionEnvironments(assembly, bundles);
    return names.map((name) => {
      const [ours, bare] = [bundleOf(bundles, name), bundleOf(bareBundles, name)];
      const env = { ...PLATFORM, AWS_LAMBDA_FUNCTION_NAME: name, ...environments.get(name) };
      const [initMs, bareInitMs] = alternatingInit([ours.file, bare.file], env, STARTS);
      return {
        name,
        bundleBytes: ours.bytes,
        bareBundleBytes: bare.bytes,
        initMs: rounded(initMs, 1),
        bareInitMs: rounded(bareInitMs, 1),
        ratio: rounded(initMs / bareInitMs, 3),
      };
    });
  },
  verdict: (rows) => {
    const above = rows.filter(({ ratio }) => ratio > MOST).map(({ name }) => name);
    return above.length === 0
      ? `Each is within ${MOST} times its bare handler.`
      : `Above ${MOST} times the bare handler: ${above.join(', ')}. docs/benchmarks.md says what the difference is made of.`;
  },
};
