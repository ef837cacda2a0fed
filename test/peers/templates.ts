import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import type { Check } from './checks.ts';
import { run } from './run.ts';

export const CFN_LINT = '.venv/bin/cfn-lint';

/** Dependencies that Fn::GetAtt and Ref imply already (W3005): the CDK writes them all the same. */
const IGNORED = 'W3005';

/** What CloudFormation's own linter says about what would be deployed. */
export async function templates(check: Check, assembly: string): Promise<void> {
  await check('cfn-lint finds nothing in the templates', async () => {
    const files = globSync(`${assembly}/*.template.json`);
    assert(files.length > 0, `no templates in ${assembly}`);
    const { code, stdout, stderr } = await run(CFN_LINT, ['--ignore-checks', IGNORED, '--', ...files]);
    assert.equal(code, 0, `${stdout}${stderr}`);
  });
}
