import { HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { OwnRoute, StartRoute } from '../../functions/lib/schemas/routes.ts';
import { ALARM_PERIOD, FailureAlarm } from '../constructs/failure-alarm.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import type { FleetFunction } from '../constructs/fleet-function.ts';
import { addLogGroup } from '../constructs/log-group.ts';
import { accessLogTo } from './access-log.ts';
import { authorizing } from './authorizer.ts';

export interface RunbookApiProps {
  readonly context: FleetContext;
}

/** An HTTP API with one stage at its root: authorized, throttled, logged, without CORS; browsers are no callers. */
export class RunbookApi extends Construct {
  readonly httpApi: HttpApi;
  readonly accessLog: LogGroup;

  constructor(scope: Construct, id: string, { context }: RunbookApiProps) {
    super(scope, id);
    const { config, environment } = context;
    this.accessLog = addLogGroup(this, config);
    this.httpApi = new HttpApi(this, 'HttpApi', {
      // CloudFormation wants a name; it is a label, and several APIs may bear it.
      apiName: `${config.project}-${environment}`,
      description: 'Starts runbooks and tells their results',
      createDefaultStage: false,
      ...authorizing(this, config.api.authorization),
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      autoDeploy: true,
      throttle: config.api.throttle,
      accessLogSettings: accessLogTo(this.accessLog),
    });
    this.#addAlarm(context);
  }

  /** Lets a function answer a route, and API Gateway invoke it for that route alone; payload format 2.0. */
  addRoute(
    { method, path, operationId }: Pick<StartRoute | OwnRoute, 'method' | 'path' | 'operationId'>,
    answer: FleetFunction,
  ): void {
    this.httpApi.addRoutes({
      path,
      methods: [HttpMethod[method]],
      integration: new HttpLambdaIntegration(operationId, answer.function),
    });
  }

  #addAlarm({ alerting }: FleetContext): void {
    new FailureAlarm(this, 'ServerErrorsAlarm', {
      alerting,
      metric: this.httpApi.metricServerError({ period: ALARM_PERIOD }),
      errorImpact:
        'The API answered a request with 5xx: its caller does not know what came of it, and may ask again with the same Idempotency-Key. ' +
        'A run that failed while its caller waited counts, too. The saved query "API requests that failed" shows which.',
    });
  }
}
