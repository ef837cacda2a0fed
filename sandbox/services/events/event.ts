import type { BusEvent, World } from '../../core/world.ts';

/** An event as rules and targets see it. Source: EventBridge User Guide, "Event structure". */
export interface Event {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** To the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Gives an event its id, time and place. The detail is copied: what its sender does to it later changes no event. */
export function envelope({ account, region, random, clock }: World, event: BusEvent, time: Date = clock.date()): Event {
  return {
    version: '0',
    id: random.uuid(),
    'detail-type': event['detail-type'],
    source: event.source,
    account,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources: [...(event.resources ?? [])],
    detail: JSON.parse(JSON.stringify(event.detail)) as Event['detail'],
  };
}
