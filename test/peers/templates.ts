import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import * as z from 'zod';
import type { Check } from './checks.ts';
import { run } from './run.ts';

export const CFN_LINT = '.venv/bin/cfn-lint';

/** Dependencies that Fn::GetAtt and Ref imply already (W3005): the CDK writes them all the same. */
const IGNORED = 'W3005';

/**
 * Fields in which cfn-lint's E3601 does not know JSONata yet, though the language has it there (states-language.net/spec.html:
 * "TimeoutSeconds" and "MaxConcurrency" may be JSONata strings). cfn-lint 1.43.4 learned the same of a Wait's "Seconds".
 */
const NUMBER_BY_JSONATA = /^'\{% .* %\}' is not of type 'number' at 'States\/\w+\/(TimeoutSeconds|MaxConcurrency)'$/;

const findings = z.array(
  z.object({
    Rule: z.object({ Id: z.string() }),
    Message: z.string(),
    Filename: z.string(),
    Location: z.object({ Path: z.optional(z.nullable(z.array(z.union([z.string(), z.number()])))) }),
  }),
);

/** What CloudFormation's own linter says about what would be deployed. */
export async function templates(check: Check, assembly: string): Promise<void> {
  await check('cfn-lint finds nothing in the templates', async () => {
    const files = globSync(`${assembly}/*.template.json`);
    assert(files.length > 0, `no templates in ${assembly}`);
    const { code, stdout, stderr } = await run(CFN_LINT, [
      '--format',
      'json',
      '--ignore-checks',
      IGNORED,
      '--',
      ...files,
    ]);
    assert(code !== 1, `cfn-lint itself failed: ${stderr}`);
    const found = findings
      .parse(JSON.parse(stdout))
      .filter(({ Rule, Message }) => !(Rule.Id === 'E3601' && NUMBER_BY_JSONATA.test(Message)))
      .map(
        ({ Rule, Message, Filename, Location }) =>
          `${Rule.Id} ${Message} (${Filename}: ${Location.Path?.join('.') ?? ''})`,
      );
    assert.deepEqual(found, []);
  });
}
