import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FoundationStack } from '../foundation-stack.ts';

/** What every runbook may do to keep its result row and tell the topic. */
export function recordResult({ resultTable, topic, key }: FoundationStack): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [resultTable.tableArn] }),
    new PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] }),
    // Both are encrypted: DynamoDB and SNS use the key with the rights of whoever calls them.
    new PolicyStatement({ actions: ['kms:GenerateDataKey', 'kms:Decrypt'], resources: [key.keyArn] }),
  ];
}
