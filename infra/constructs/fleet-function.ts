import { CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionSettings } from '../config.ts';
import type { FleetContext } from './fleet-context.ts';
import { ALARM_PERIOD, FailureAlarm } from './failure-alarm.ts';
import { addLogGroup } from './log-group.ts';
import { acknowledgePattern } from './acknowledge-pattern.ts';
import { pascalCase } from './pascal-case.ts';

export interface FleetFunctionProps {
  readonly context: FleetContext;
  /** What it is called in logs, outputs and placeholders: the name of its file in functions/, without the ending. */
  readonly name: string;
  /** The name of its file where that is another, because several functions are made from it. */
  readonly bundle?: string;
  readonly description: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it may call, and nothing beside. */
  readonly statements: readonly PolicyStatement[];
  /** What it means for users that the function fails. */
  readonly errorImpact: string;
  /** How many errors within five minutes raise the alarm. */
  readonly errorsToAlarm?: number;
  /** What it means for users that the function is throttled; for most, that a runbook tries again. */
  readonly throttlesImpact?: string;
  /** Its time-out where what all functions get will not do; what is configured for its file goes first. */
  readonly timeoutSeconds?: number;
}

const TRIES_AGAIN = 'Runbooks go on, but later; beyond a minute they fail.';

/** One Lambda of functions/, with a role, a log group and alarms of its own. */
export class FleetFunction extends Construct {
  readonly name: string;
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: FleetFunctionProps) {
    super(scope, id);
    this.name = props.name;
    const logGroup = addLogGroup(this, props.context.config);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What the function ${props.name} may do`,
    });
    logGroup.grantWrite(this.role);
    for (const statement of props.statements) this.role.addToPolicy(statement);
    this.function = this.#function(props, logGroup);
    acknowledgePattern(this.role, 'X-Ray, and the actions in unscoped-actions.ts, take no resource.');
    this.#addAlarms(props);
  }

  /** Tells the physical name as an output of the stack: `SendCommandFunctionName`. */
  addNameOutput(): void {
    const id = `${pascalCase(this.name)}FunctionName`;
    new CfnOutput(Stack.of(this), id, { value: this.function.functionName });
  }

  #function(props: FleetFunctionProps, logGroup: LogGroup): LambdaFunction {
    const { context, name, bundle: file = name, description, environment, timeoutSeconds: needed } = props;
    const { config, bundles } = context;
    const { memoryMb, timeoutSeconds } = functionSettings(config, file, { timeoutSeconds: needed });
    const bundle = bundles.get(file);
    if (bundle === undefined) {
      Validations.of(this).addError('MissingFunction', `functions/${file}.ts does not exist, but the stack names it`);
    }
    return new LambdaFunction(this, 'Function', {
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundle === undefined ? Code.fromInline('missing') : Code.fromAsset(bundle.path),
      role: this.role,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      environment: {
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: `${config.project}/${context.environment}`,
        POWERTOOLS_LOG_LEVEL: config.logLevel,
        ...environment,
      },
    });
  }

  #addAlarms(props: FleetFunctionProps): void {
    const { context, name, errorImpact, errorsToAlarm, throttlesImpact = TRIES_AGAIN } = props;
    const { alerting } = context;
    const metric = { period: ALARM_PERIOD, statistic: 'Sum' };
    new FailureAlarm(this, 'ErrorsAlarm', {
      alerting,
      metric: this.function.metricErrors(metric),
      threshold: errorsToAlarm,
      errorImpact: `${name} fails. ${errorImpact} Its log group says why.`,
    });
    new FailureAlarm(this, 'ThrottlesAlarm', {
      alerting,
      metric: this.function.metricThrottles(metric),
      errorImpact: `${name} is throttled: the account's concurrency is used up. ${throttlesImpact}`,
    });
  }
}
