/** The middle value; the mean of the two in the middle for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error('no values to take the median of');
  return (low + high) / 2;
}

/** The smallest value that at least the share `q` of the values do not exceed (nearest rank). */
export function quantile(values: readonly number[], q: number): number {
  const value = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * q) - 1)];
  if (value === undefined) throw new Error('no values to take a quantile of');
  return value;
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
