import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Tells cdk-nag why a role names a resource by pattern. */
export function acknowledgePattern(role: IConstruct, reason: string, resource = '*'): void {
  const pattern = flatten(Stack.of(role).resolve(resource));
  Validations.of(role).acknowledge({ id: `AwsSolutions::AwsSolutions-IAM5[Resource::${pattern}]`, reason });
}

/** A resolved value as cdk-nag writes it: `<Bucket.Arn>/commands/*`. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::ImportValue': exported,
    'Fn::Join': join,
  } = value as Readonly<Record<string, unknown>>;
  if (typeof Ref === 'string') return `<${Ref}>`;
  if (typeof exported === 'string') return exported;
  if (attribute !== undefined) return `<${(attribute as readonly string[]).join('.')}>`;
  const [separator, parts] = join as readonly [string, readonly unknown[]];
  return parts.map(flatten).join(separator);
}
