import { QueryDefinition, QueryString, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FleetContext } from './fleet-context.ts';

export interface SavedQueriesProps {
  readonly context: FleetContext;
  /** Log groups of the functions; their lines carry execution, runbook, target and, where one failed, error. */
  readonly logGroups: ILogGroup[];
  /** The log group of the API, a line for each request. */
  readonly accessLog: ILogGroup;
}

const FIELDS = ['@timestamp', 'execution', 'runbook', 'target', 'service', 'message', 'status', 'error'];

const REQUEST_FIELDS = [
  '@timestamp', 'status', 'method', 'path', 'userArn', 'subject', 'principalId', 'requestId', 'integrationError', 'authorizerError', 'error',
]; // prettier-ignore

/** Questions that are asked of the logs again and again, by name in CloudWatch Logs Insights. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { context, logGroups, accessLog }: SavedQueriesProps) {
    super(scope, id);
    const folder = `${context.config.project}/${context.environment}`;
    new QueryDefinition(this, 'OneExecution', {
      queryDefinitionName: `${folder}/what one execution did`,
      logGroups,
      queryString: new QueryString({
        fields: FIELDS,
        filterStatements: ['execution = "NAME OF THE EXECUTION"'],
        sort: '@timestamp asc',
      }),
    });
    new QueryDefinition(this, 'OneRequest', {
      queryDefinitionName: `${folder}/what one API request did`,
      logGroups,
      queryString: new QueryString({
        fields: FIELDS,
        filterStatements: ['correlation_id = "REQUEST ID"'],
        sort: '@timestamp asc',
      }),
    });
    new QueryDefinition(this, 'Failures', {
      queryDefinitionName: `${folder}/failures by error and runbook`,
      logGroups,
      queryString: new QueryString({
        filterStatements: ['ispresent(error)'],
        statsStatements: ['count(*) as failures, max(@timestamp) as latest by runbook, error'],
        sort: 'failures desc',
      }),
    });
    new QueryDefinition(this, 'OneTarget', {
      queryDefinitionName: `${folder}/what was done to one machine`,
      logGroups,
      queryString: new QueryString({
        fields: FIELDS,
        filterStatements: ['target = "i-0123456789abcdef0"'],
        sort: '@timestamp desc',
        limit: 200,
      }),
    });
    new QueryDefinition(this, 'FailedRequests', {
      queryDefinitionName: `${folder}/API requests that failed`,
      logGroups: [accessLog],
      queryString: new QueryString({
        fields: REQUEST_FIELDS,
        filterStatements: ['status >= 400'],
        sort: '@timestamp desc',
        limit: 200,
      }),
    });
  }
}
