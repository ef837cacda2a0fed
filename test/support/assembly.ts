import { globSync, readFileSync } from 'node:fs';

/** Folder of the assembly that all scenarios deploy; Jest's global set-up (synthesize.js) has put it there. */
export function testAssembly(): string {
  const folder = process.env['TEST_ASSEMBLY'];
  if (folder === undefined) throw new Error('TEST_ASSEMBLY is not set; run the tests with npm test');
  return folder;
}

interface Role {
  readonly Type: string;
  readonly Properties: {
    readonly AssumeRolePolicyDocument: {
      readonly Statement: readonly { readonly Principal: { readonly Service: string } }[];
    };
  };
}

/** Each role of the templates by its logical id, and the service that assumes it (`lambda.amazonaws.com`). */
export function roleServices(): Map<string, string> {
  const roles = globSync(`${testAssembly()}/*.template.json`).flatMap((file) => {
    const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, Role> };
    return Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  });
  return new Map(
    roles.map(([id, { Properties }]) => [
      id,
      Properties.AssumeRolePolicyDocument.Statement[0]?.Principal.Service ?? '',
    ]),
  );
}

/** The logical id of a role by its construct's name: CDK appends eight digits of a hash. */
export function roleId(name: string): string {
  const ids = [...roleServices().keys()];
  const found = ids.filter((id) => id.slice(0, -8) === name);
  if (found.length !== 1) throw new Error(`${found.length} roles are called ${name}, of ${ids.join(', ')}`);
  return found[0] ?? '';
}
