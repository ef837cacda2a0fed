/** Actions that a role needs although no code of ours calls them: AWS does, with the role's rights. */
export interface ServiceGrant {
  /** Whose role: that of a Lambda, of a state machine, or of a managed machine. */
  readonly role: 'function' | 'runbook' | 'instance';
  readonly actions: readonly string[];
  /** Whether AWS offers no narrower resource than `*`. */
  readonly anyResource: boolean;
  readonly reason: string;
}

const TRACING = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

const LOG_DELIVERY = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

/**
 * What the SSM agent calls: AmazonSSMManagedInstanceCore, less its leave to read every parameter of the account
 * (ssm:GetParameter, ssm:GetParameters), which neither commands nor associations of ours need.
 */
export const SSM_AGENT_ACTIONS: readonly string[] = [
  'ssm:DescribeAssociation',
  'ssm:DescribeDocument',
  'ssm:GetDeployablePatchSnapshotForInstance',
  'ssm:GetDocument',
  'ssm:GetManifest',
  'ssm:ListAssociations',
  'ssm:ListInstanceAssociations',
  'ssm:PutComplianceItems',
  'ssm:PutConfigurePackageResult',
  'ssm:PutInventory',
  'ssm:UpdateAssociationStatus',
  'ssm:UpdateInstanceAssociationStatus',
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  'ec2messages:AcknowledgeMessage',
  'ec2messages:DeleteMessage',
  'ec2messages:FailMessage',
  'ec2messages:GetEndpoint',
  'ec2messages:GetMessages',
  'ec2messages:SendReply',
];

/** Every grant that AWS uses on our behalf. docs/security.md shows the same list. */
export const serviceGrants: readonly ServiceGrant[] = [
  {
    role: 'function',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    anyResource: false,
    reason: "Lambda writes the function's log, to its own log group only.",
  },
  {
    role: 'function',
    actions: TRACING,
    anyResource: true,
    reason: 'Lambda sends the traces of the function to X-Ray, whose actions take no resource.',
  },
  {
    role: 'function',
    actions: ['kms:Decrypt'],
    anyResource: false,
    reason:
      "DynamoDB opens the result table's key, and S3 the output bucket's, with the rights of the functions that use them, on those keys only.",
  },
  {
    role: 'function',
    actions: ['kms:GenerateDataKey'],
    anyResource: false,
    reason: "S3 encrypts what fleet commands keep of a run with the functions' rights, on the bucket's key only.",
  },
  {
    role: 'function',
    actions: ['sqs:SendMessage'],
    anyResource: false,
    reason: 'Lambda puts an event with which follow-ami-parameter failed into the queue for that, and into no other.',
  },
  {
    role: 'runbook',
    actions: [...TRACING, 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    anyResource: true,
    reason: 'Step Functions sends the traces of executions to X-Ray, whose actions take no resource.',
  },
  {
    role: 'runbook',
    actions: LOG_DELIVERY,
    anyResource: true,
    reason: 'Step Functions sets up the delivery of its log; log delivery actions take no resource.',
  },
  {
    role: 'runbook',
    actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
    anyResource: false,
    reason: "SNS encrypts what is published with the publisher's rights, on the deployment's key only.",
  },
  {
    role: 'runbook',
    actions: [
      'states:DescribeExecution',
      'states:StopExecution',
      'events:PutTargets',
      'events:PutRule',
      'events:DescribeRule',
    ],
    anyResource: false,
    reason:
      'Step Functions follows the children of a Distributed Map and nested executions, by a rule of its own, and stops them with their parent.',
  },
  {
    role: 'instance',
    actions: SSM_AGENT_ACTIONS,
    anyResource: true,
    reason: "The SSM agent's own calls, as AWS grants them in AmazonSSMManagedInstanceCore.",
  },
  {
    role: 'instance',
    actions: ['kms:GenerateDataKey'],
    anyResource: false,
    reason: "S3 encrypts what the agent uploads with the instance's rights, on the bucket's key only.",
  },
];
