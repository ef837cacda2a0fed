import * as z from 'zod';
import type { Random } from '../../core/random.ts';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import { Document, Tags } from './policy-schema.ts';
import type { NamedPolicy, Roles } from './roles.ts';

const Name = z.string().regex(/^[\w+=,.@-]{1,128}$/u);
const Path = z
  .string()
  .regex(/^\/([\w+=,.@-]+\/)*$/u)
  .default('/');
const InlinePolicy = z
  .strictObject({ PolicyName: Name, PolicyDocument: Document })
  .transform(({ PolicyName, PolicyDocument }): NamedPolicy => ({ name: PolicyName, policy: PolicyDocument }));

const RoleProperties = z.strictObject({
  AssumeRolePolicyDocument: Document,
  RoleName: Name.max(64).optional(),
  Description: z.string().max(1000).optional(),
  Path,
  Policies: z.array(InlinePolicy).default([]),
  ManagedPolicyArns: z.array(z.string()).max(20).default([]),
  PermissionsBoundary: z.string().optional(),
  MaxSessionDuration: z.number().int().min(3600).max(43_200).optional(),
  Tags: Tags.default([]),
});

const PolicyProperties = z.strictObject({
  PolicyName: Name,
  PolicyDocument: Document,
  Roles: z.array(z.string()).min(1),
});

const ManagedPolicyProperties = z.strictObject({
  ManagedPolicyName: Name.optional(),
  PolicyDocument: Document,
  Description: z.string().max(1000).optional(),
  Path,
  Roles: z.array(z.string()).default([]),
});

const InstanceProfileProperties = z.strictObject({
  InstanceProfileName: Name.optional(),
  Path,
  Roles: z.tuple([z.string()]),
});

const ServiceLinkedRoleProperties = z.strictObject({
  AWSServiceName: z.string(),
  Description: z.string().optional(),
  CustomSuffix: z.string().optional(),
});

interface Dependencies {
  readonly account: string;
  readonly random: Random;
  readonly roles: Roles;
}

/**
 * The AWS::IAM types that the sandbox creates. A managed policy that it does not know is refused by its ARN; users and
 * groups are not modelled, so their properties are refused too.
 */
export function iamResources({ account, random, roles }: Dependencies): Provisioners {
  const arn = (kind: string, path: string, name: string): string => `arn:aws:iam::${account}:${kind}${path}${name}`;
  return {
    'AWS::IAM::Role': provisioner(RoleProperties, (role, context) => {
      const name = role.RoleName ?? context.physicalName(64);
      const created = {
        ref: name,
        attributes: { Arn: arn('role', role.Path, name), RoleId: `AROA${random.alphanumeric(17)}` },
      };
      roles.add({
        name,
        arn: created.attributes.Arn,
        logicalId: context.logicalId,
        trust: role.AssumeRolePolicyDocument,
        tags: Object.fromEntries(role.Tags.map(({ Key, Value }) => [Key, Value])),
        policies: [...role.Policies, ...role.ManagedPolicyArns.map((managed) => roles.managed(managed))],
        boundary: role.PermissionsBoundary === undefined ? undefined : roles.managed(role.PermissionsBoundary),
      });
      return created;
    }),
    'AWS::IAM::Policy': provisioner(PolicyProperties, ({ PolicyName, PolicyDocument, Roles: names }) => {
      for (const name of names) roles.attach(name, { name: PolicyName, policy: PolicyDocument });
      return { ref: PolicyName, attributes: { Id: PolicyName } };
    }),
    'AWS::IAM::ManagedPolicy': provisioner(ManagedPolicyProperties, (managed, context) => {
      const name = managed.ManagedPolicyName ?? context.physicalName(128);
      const ref = arn('policy', managed.Path, name);
      const policy: NamedPolicy = { name, policy: managed.PolicyDocument };
      roles.addManaged(ref, policy);
      for (const role of managed.Roles) roles.attach(role, policy);
      return { ref, attributes: { PolicyArn: ref, PolicyId: `ANPA${random.alphanumeric(17)}` } };
    }),
    'AWS::IAM::InstanceProfile': provisioner(InstanceProfileProperties, (profile, context) => {
      const name = profile.InstanceProfileName ?? context.physicalName(128);
      roles.addProfile(name, profile.Roles[0]);
      return { ref: name, attributes: { Arn: arn('instance-profile', profile.Path, name) } };
    }),
    'AWS::IAM::ServiceLinkedRole': provisioner(ServiceLinkedRoleProperties, ({ AWSServiceName, CustomSuffix }) => {
      const name = `AWSServiceRoleFor_${AWSServiceName.split('.')[0]}${CustomSuffix === undefined ? '' : `_${CustomSuffix}`}`;
      return { ref: name, attributes: { RoleName: name } };
    }),
  };
}
