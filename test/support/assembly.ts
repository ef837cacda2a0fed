import { globSync, readFileSync } from 'node:fs';

/** Folder of the assembly that all scenarios deploy; Jest's global set-up (synthesize.js) has put it there. */
export function testAssembly(): string {
  const folder = process.env['TEST_ASSEMBLY'];
  if (folder === undefined) throw new Error('TEST_ASSEMBLY is not set; run the tests with npm test');
  return folder;
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

/** Logical ids of the roles that the templates declare. */
function roleIds(): string[] {
  return globSync(`${testAssembly()}/*.template.json`).flatMap((file) => {
    const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as Template;
    return Object.keys(Resources).filter((id) => Resources[id]?.Type === 'AWS::IAM::Role');
  });
}

/** The logical id of a role by its construct's name: CDK appends eight digits of a hash. */
export function roleId(name: string): string {
  const found = roleIds().filter((id) => id.slice(0, -8) === name);
  if (found.length !== 1) throw new Error(`${found.length} roles are called ${name}, of ${roleIds().join(', ')}`);
  return found[0] ?? '';
}
