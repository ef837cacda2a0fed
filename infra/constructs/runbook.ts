import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { prepareDefinition } from './definition.ts';
import { ALARM_PERIOD, FailureAlarm } from './failure-alarm.ts';
import type { FleetContext } from './fleet-context.ts';
import type { FleetFunction } from './fleet-function.ts';
import { addLogGroup } from './log-group.ts';
import { acknowledgePattern } from './acknowledge-pattern.ts';
import { pascalCase } from './pascal-case.ts';

const definitions = resolve(import.meta.dirname, '../../statemachines');

/** Stands for a definition that is not there, so that the only complaint is that it is not. */
const MISSING = JSON.stringify({ StartAt: 'Missing', States: { Missing: { Type: 'Fail' } } });

export interface RunbookProps {
  readonly context: FleetContext;
  /** The name of its file in statemachines/, without the ending. */
  readonly name: string;
  /** What it invokes; each fills the placeholder of its name: `send-command` fills `${SendCommandArn}`. */
  readonly functions: readonly FleetFunction[];
  /** What fills the other placeholders, by name. */
  readonly substitutions: Readonly<Record<string, string>>;
  /** What it may call beside its functions. */
  readonly statements: readonly PolicyStatement[];
  /** What it means for users that an execution does not succeed. */
  readonly errorImpact: string;
  /** Where the file is. */
  readonly folder?: string;
}

/** A state machine of statemachines/, with standard retries, a role, a log, traces and alarms. */
export class Runbook extends Construct {
  readonly name: string;
  readonly stateMachine: StateMachine;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RunbookProps) {
    super(scope, id);
    this.name = props.name;
    this.role = this.#role(props);
    this.stateMachine = this.#stateMachine(props);
    this.#addAlarms(props);
  }

  #role({ name, functions, statements }: RunbookProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `What the runbook ${name} may do`,
    });
    const resources = functions.map((each) => each.function.functionArn);
    if (resources.length > 0) {
      role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources }));
    }
    for (const statement of statements) role.addToPolicy(statement);
    acknowledgePattern(role, 'Neither log delivery nor X-Ray takes a resource; service-grants.ts lists the actions.');
    return role;
  }

  #stateMachine({ context, name, functions, substitutions, folder = definitions }: RunbookProps): StateMachine {
    const { config } = context;
    const filled = {
      ...Object.fromEntries(functions.map((each) => [`${pascalCase(each.name)}Arn`, each.function.functionArn])),
      ...substitutions,
    };
    return new StateMachine(this, 'StateMachine', {
      definitionBody: DefinitionBody.fromString(this.#definition(join(folder, `${name}.asl.json`), filled)),
      definitionSubstitutions: filled,
      role: this.role,
      tracingEnabled: true,
      logs: {
        // All events, so that saved queries can follow an execution; without data, which holds commands and what they print.
        level: LogLevel.ALL,
        includeExecutionData: config.logExecutionData,
        destination: addLogGroup(this, config),
      },
    });
  }

  #definition(file: string, filled: Readonly<Record<string, string>>): string {
    const refuse = (problem: string) => Validations.of(this).addError('Definition', `${file} ${problem}`);
    if (!existsSync(file)) {
      refuse('does not exist');
      return MISSING;
    }
    const { text, problems } = prepareDefinition(readFileSync(file, 'utf8'), Object.keys(filled));
    problems.forEach(refuse);
    return text;
  }

  #addAlarms({ context, name, errorImpact }: RunbookProps): void {
    const { stateMachine } = this;
    const metric = { period: ALARM_PERIOD, statistic: 'Sum' };
    const endings = [
      ['Failed', 'failed', stateMachine.metricFailed(metric)],
      ['TimedOut', 'ran out of time', stateMachine.metricTimedOut(metric)],
      ['Aborted', 'was stopped', stateMachine.metricAborted(metric)],
    ] as const;
    for (const [id, what, counted] of endings) {
      new FailureAlarm(this, `${id}Alarm`, {
        alerting: context.alerting,
        metric: counted,
        errorImpact: `An execution of ${name} ${what}. ${errorImpact}`,
      });
    }
  }
}
