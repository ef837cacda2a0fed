const EXTENDED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Whether a text is an ISO-8601 extended offset date-time, as the Timestamp of a Wait must be. */
export function isTimestamp(text: string): boolean {
  return EXTENDED.test(text) && !Number.isNaN(Date.parse(text));
}
