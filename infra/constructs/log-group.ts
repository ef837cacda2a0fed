import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

/** A log group that keeps its events as long as configured, and itself as long as other data. */
export function addLogGroup(scope: Construct, { logRetentionDays, retainData }: Config): LogGroup {
  return new LogGroup(scope, 'Logs', {
    retention: logRetentionDays,
    removalPolicy: retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
