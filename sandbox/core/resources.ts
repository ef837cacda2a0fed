import type * as z from 'zod';

/** What a created resource is to the rest of its template: the value of Ref and those of Fn::GetAtt. */
export interface Created {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ResourceContext {
  readonly logicalId: string;
  readonly stackName: string;
  /** A name as CloudFormation makes it up (stack, logical id, seeded suffix), cut to `maximumLength`. */
  physicalName(maximumLength?: number): string;
  /** Local path of a CDK asset by the bucket and key the template names, for code and large files. */
  assetPath(bucket: string, key: string): string;
}

/** Creates resources of one CloudFormation type; a property that its schema does not know is refused at load. */
export interface Provisioner<P = never> {
  readonly properties: z.ZodType<P>;
  create(properties: P, context: ResourceContext): Created | Promise<Created>;
}

/** By CloudFormation type (`AWS::SSM::Parameter`). */
export type Provisioners = Readonly<Record<string, Provisioner>>;

/** Types a provisioner by its schema; erases the type for the table. */
export function provisioner<P>(
  properties: z.ZodType<P>,
  create: (properties: P, context: ResourceContext) => Created | Promise<Created>,
): Provisioner {
  return { properties, create } as Provisioner<P> as Provisioner;
}
