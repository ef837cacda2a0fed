import type {
  HistoryItemType,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
  StateValue,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import type { Caller } from '../../core/service.ts';
import { isRefusal } from '../../core/transient.ts';
import type { World } from '../../core/world.ts';
import { notification, stateChangeEvent } from './alarm-events.ts';
import { actionsFor, type Alarm, type AlarmState, type CompositeAlarm, type MetricAlarm } from './alarm-model.ts';
import { parseAlarmRule } from './alarm-rule.ts';

const UNCHECKED = 'Unchecked: Initial alarm creation';
const MOST_ACTIONS = 5;

/** The alarms of the account. Metric alarms change their state only by SetAlarmState: no metrics are collected. */
export class Alarms {
  readonly #world: World;
  readonly #alarms = new Map<string, Alarm>();

  constructor(world: World) {
    this.#world = world;
  }

  arn(name = ''): string {
    return `arn:aws:cloudwatch:${this.#world.region}:${this.#world.account}:alarm:${name}`;
  }

  /** By name, in order. */
  all(): readonly Alarm[] {
    return [...this.#alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string | undefined): Alarm | undefined {
    return this.#alarms.get(name ?? '');
  }

  /** Makes a metric alarm, or gives the one of that name another definition; its state stays. */
  putMetric(definition: PutMetricAlarmInput): MetricAlarm {
    const { AlarmName: name = '' } = definition;
    if (definition.MetricName === undefined && definition.Metrics === undefined)
      throw new AwsError('ValidationError', 'At least one of the parameters MetricName or Metrics must be specified');
    checkActions(definition);
    const present = this.#alarms.get(name);
    if (present?.kind === 'CompositeAlarm') throw otherKind(name);
    const alarm = present ?? { ...this.#fresh(name), kind: 'MetricAlarm', definition };
    return this.#configured(alarm, () => (alarm.definition = definition));
  }

  putComposite(definition: PutCompositeAlarmInput): CompositeAlarm {
    const { AlarmName: name = '', AlarmRule: text = '' } = definition;
    checkActions(definition);
    const rule = parseAlarmRule(text);
    const unknown = rule.children.find((child) => !this.#alarms.has(child));
    if (unknown !== undefined)
      throw new AwsError('ValidationError', `AlarmRule names the alarm ${unknown}, which does not exist`);
    const present = this.#alarms.get(name);
    if (present?.kind === 'MetricAlarm') throw otherKind(name);
    const alarm = present ?? { ...this.#fresh(name), kind: 'CompositeAlarm', definition, rule };
    this.#configured(alarm, () => Object.assign(alarm, { definition, rule }));
    this.#world.clock.schedule(this.#world.clock.now(), () => this.#evaluate(alarm));
    return alarm;
  }

  delete(names: readonly string[]): void {
    for (const name of names) this.#alarms.delete(name);
  }

  enableActions(names: readonly string[], enabled: boolean): void {
    for (const name of names) {
      const alarm = this.#alarms.get(name);
      if (alarm !== undefined) alarm.actionsEnabled = enabled;
    }
  }

  /** What an account holds from the start: no event tells of it. A metric alarm is made where there is none of the name. */
  place(name: string, value: StateValue): void {
    const watched = { Namespace: 'Fleet', MetricName: name, EvaluationPeriods: 1, Threshold: 1, Period: 60 };
    const ComparisonOperator = 'GreaterThanOrEqualToThreshold';
    const alarm =
      this.#alarms.get(name) ?? this.putMetric({ AlarmName: name, ...watched, ComparisonOperator, Statistic: 'Sum' });
    alarm.state = { value, reason: 'Given by the fleet file', reasonData: undefined, at: this.#world.clock.now() };
  }

  /** @throws AwsError ResourceNotFound */
  setState(name: string, state: Omit<AlarmState, 'at'>): void {
    const alarm = this.#alarms.get(name);
    if (alarm === undefined) throw new AwsError('ResourceNotFound', `Alarm ${name} does not exist`, 404);
    this.#change(alarm, { ...state, at: this.#world.clock.now() });
  }

  #fresh(name: string) {
    const at = this.#world.clock.now();
    const state: AlarmState = { value: 'INSUFFICIENT_DATA', reason: UNCHECKED, reasonData: undefined, at };
    const arn = this.arn(name);
    return { name, arn, history: [], configuredAt: at, transitionedAt: at, actionsEnabled: true, state };
  }

  #configured<A extends Alarm>(alarm: A, change: () => void): A {
    const known = this.#alarms.has(alarm.name);
    change();
    alarm.configuredAt = this.#world.clock.now();
    alarm.actionsEnabled = alarm.definition.ActionsEnabled ?? true;
    this.#alarms.set(alarm.name, alarm);
    this.#note(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${known ? 'updated' : 'created'}`, {
      type: known ? 'Update' : 'Create',
    });
    return alarm;
  }

  #change(alarm: Alarm, state: AlarmState): void {
    const previous = alarm.state;
    alarm.state = state;
    if (previous.value === state.value) return;
    alarm.transitionedAt = state.at;
    this.#note(alarm, 'StateUpdate', `Alarm updated from ${previous.value} to ${state.value}`, {
      oldState: { stateValue: previous.value, stateReason: previous.reason },
      newState: { stateValue: state.value, stateReason: state.reason },
    });
    this.#world.emit(stateChangeEvent(alarm, previous, this.#world.random.uuid()));
    if (alarm.actionsEnabled) this.#act(alarm, previous);
    for (const parent of this.all())
      if (parent.kind === 'CompositeAlarm' && parent.rule.children.includes(alarm.name)) this.#evaluate(parent);
  }

  /** A composite alarm is ALARM where its rule holds, and OK otherwise. */
  #evaluate(alarm: CompositeAlarm): void {
    if (this.#alarms.get(alarm.name) !== alarm) return;
    const holds = alarm.rule.holds((name) => this.#alarms.get(name)?.state.value ?? 'INSUFFICIENT_DATA');
    const value = holds ? 'ALARM' : 'OK';
    const reason = `${this.arn(alarm.name)} transitioned to ${value} by its rule ${alarm.definition.AlarmRule ?? ''}`;
    if (alarm.state.value !== value)
      this.#change(alarm, { value, reason, reasonData: undefined, at: this.#world.clock.now() });
  }

  /** Publishes to the topics as CloudWatch, whom their policies must let in; what fails is told in the history alone. */
  #act(alarm: Alarm, previous: AlarmState): void {
    const told = notification(alarm, previous, this.#world);
    const caller: Caller = { kind: 'service', arn: 'cloudwatch.amazonaws.com', sourceArn: alarm.arn };
    for (const TopicArn of actionsFor(alarm, alarm.state.value)) {
      this.#world.clock.spawn(async () => {
        const outcome = await this.#publish(caller, { TopicArn, ...told });
        this.#note(alarm, 'Action', `${outcome} action ${TopicArn}`, { publishedMessage: told.Message });
      });
    }
  }

  async #publish(caller: Caller, input: object): Promise<string> {
    try {
      await this.#world.dispatcher.call(caller, 'sns', 'Publish', input);
      return 'Successfully executed';
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return 'Failed to execute';
    }
  }

  #note(alarm: Alarm, type: HistoryItemType, summary: string, data: object): void {
    alarm.history.push({
      AlarmName: alarm.name,
      AlarmType: alarm.kind,
      Timestamp: this.#world.clock.date(),
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: JSON.stringify({ version: '1.0', ...data }),
    });
  }
}

const otherKind = (name: string): AwsError =>
  new AwsError('ValidationError', `An alarm of another type has the name ${name} already`);

type Actions = Pick<PutMetricAlarmInput, 'AlarmActions' | 'OKActions' | 'InsufficientDataActions'>;

function checkActions({ AlarmActions = [], OKActions = [], InsufficientDataActions = [] }: Actions): void {
  for (const actions of [AlarmActions, OKActions, InsufficientDataActions]) {
    const other = actions.find((arn) => !/^arn:aws:sns:/u.test(arn));
    if (other !== undefined) throw notImplemented(`alarm actions such as ${other}`);
    if (actions.length > MOST_ACTIONS)
      throw new AwsError('ValidationError', `An alarm has at most ${MOST_ACTIONS} actions for a state`);
  }
}
