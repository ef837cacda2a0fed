import { InstanceProfile, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SSM_AGENT_ACTIONS } from './service-grants.ts';
import { acknowledgePattern } from './acknowledge-pattern.ts';

export interface ManagedInstanceProps {
  readonly bucket: IBucket;
  readonly keyPrefix: string;
  /** What encrypts the bucket, if that is a key whose use needs leave. */
  readonly key: IKey | undefined;
}

/** The role and profile of machines that Systems Manager manages: what the agent calls, and writing command output. */
export class ManagedInstance extends Construct {
  readonly profile: InstanceProfile;

  constructor(scope: Construct, id: string, { bucket, keyPrefix, key }: ManagedInstanceProps) {
    super(scope, id);
    const objects = bucket.arnForObjects(`${keyPrefix}/*`);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: 'What a machine under Systems Manager may do',
    });
    role.addToPolicy(new PolicyStatement({ sid: 'Agent', actions: [...SSM_AGENT_ACTIONS], resources: ['*'] }));
    role.addToPolicy(
      new PolicyStatement({
        sid: 'WriteOutput',
        actions: ['s3:PutObject'],
        resources: [objects],
      }),
    );
    if (key !== undefined) {
      role.addToPolicy(
        new PolicyStatement({ sid: 'EncryptOutput', actions: ['kms:GenerateDataKey'], resources: [key.keyArn] }),
      );
    }
    acknowledgePattern(role, 'The agent works on what SSM gives it; AWS grants these actions in the same way.');
    acknowledgePattern(
      role,
      'SSM names each output by the ids of its command and instance, under one prefix.',
      objects,
    );
    this.profile = new InstanceProfile(this, 'Profile', { role });
  }
}
