/**
 * What goes wrong with an event on its way from the bus to the targets of its rules. Every delivery of an event has the same
 * event id, as on AWS.
 */
export type EventFaultAction =
  /** Delivered `copies` times (2 to 10; 2 unless told), `seconds` apart (1 unless told). */
  | { readonly kind: 'duplicate'; readonly copies?: number; readonly seconds?: number }
  /** Delivered `seconds` later, behind events that came after it. */
  | { readonly kind: 'delay'; readonly seconds: number }
  /** Never delivered; for sources that send on a best-effort basis alone. */
  | { readonly kind: 'drop' }
  /** Held until the next event that the fault matches was delivered, or for `seconds` (60 unless told) where none comes. */
  | { readonly kind: 'reorder'; readonly seconds?: number };

/** Strikes events that a rule takes from the bus: every match, the Nth, or those that the seeded random picks. */
export interface EventFault {
  readonly event: { readonly source: string; readonly detailType?: string };
  /** The Nth match, counted from 1; every match unless told. */
  readonly nth?: number;
  /** How many matches in a row from `nth` on; 1 unless told. */
  readonly times?: number;
  /** The share of matches, above 0 and up to 1; not together with `nth`. */
  readonly probability?: number;
  readonly action: EventFaultAction;
}

/** The part of an event that a fault looks at. */
export interface Envelope {
  readonly source: string;
  readonly 'detail-type': string;
}

export const matches = (
  { event: { source, detailType } }: EventFault,
  { source: from, 'detail-type': type }: Envelope,
): boolean => source === from && (detailType ?? type) === type;

/** Whether a fault strikes its match of that number, probability aside. */
export const reaches = ({ nth, times = 1 }: EventFault, count: number): boolean =>
  nth === undefined || (count >= nth && count < nth + times);
