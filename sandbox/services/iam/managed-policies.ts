import type { Document } from './policy-schema.ts';

const allow = (Resource: string, ...Action: string[]) => ({ Effect: 'Allow' as const, Action, Resource });
const document = (...Statement: Document['Statement']): Document => ({ Version: '2012-10-17', Statement });

/**
 * Policies of AWS's own that a template may name, as the AWS Managed Policy Reference prints them
 * (AmazonSSMManagedInstanceCore v2, AWSLambdaBasicExecutionRole v1, CloudWatchAgentServerPolicy v3, …).
 */
const POLICIES: Readonly<Record<string, Document>> = {
  'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore': document(
    allow(
      '*',
      'ssm:DescribeAssociation',
      'ssm:GetDeployablePatchSnapshotForInstance',
      'ssm:GetDocument',
      'ssm:DescribeDocument',
      'ssm:GetManifest',
      'ssm:GetParameter',
      'ssm:GetParameters',
      'ssm:ListAssociations',
      'ssm:ListInstanceAssociations',
      'ssm:PutInventory',
      'ssm:PutComplianceItems',
      'ssm:PutConfigurePackageResult',
      'ssm:UpdateAssociationStatus',
      'ssm:UpdateInstanceAssociationStatus',
      'ssm:UpdateInstanceInformation',
    ),
    allow(
      '*',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ),
    allow(
      '*',
      'ec2messages:AcknowledgeMessage',
      'ec2messages:DeleteMessage',
      'ec2messages:FailMessage',
      'ec2messages:GetEndpoint',
      'ec2messages:GetMessages',
      'ec2messages:SendReply',
    ),
  ),
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': document(
    allow('*', 'logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'),
  ),
  'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess': document(
    allow(
      '*',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ),
  ),
  'arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy': document(
    {
      Sid: 'CWACloudWatchServerPermissions',
      ...allow(
        '*',
        'cloudwatch:PutMetricData',
        'ec2:DescribeVolumes',
        'ec2:DescribeTags',
        'logs:PutLogEvents',
        'logs:PutRetentionPolicy',
        'logs:DescribeLogStreams',
        'logs:DescribeLogGroups',
        'logs:CreateLogStream',
        'logs:CreateLogGroup',
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'xray:GetSamplingStatisticSummaries',
      ),
    },
    { Sid: 'CWASSMServerPermissions', ...allow('arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*', 'ssm:GetParameter') },
  ),
};

/** The document of a managed policy of AWS, if the sandbox has it. */
export function awsManagedPolicy(arn: string): Document | undefined {
  return POLICIES[arn];
}
