/** How many instances a refresh keeps ready at least, and has at most. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

interface Percentages {
  readonly minHealthyPercentage: number;
  /** Undefined where neither the request nor the group says it: 100 then. */
  readonly maxHealthyPercentage: number | undefined;
}

/**
 * The bounds in numbers of instances: the minimum rounded up, the maximum down. Where nothing could be replaced between
 * them, one instance is all the same: terminated first where no maximum is given, launched first where one is.
 * Source: API reference, RefreshPreferences.
 */
export function boundsOf(desired: number, { minHealthyPercentage, maxHealthyPercentage }: Percentages): Bounds {
  const least = Math.ceil((desired * minHealthyPercentage) / 100);
  const most = Math.floor((desired * (maxHealthyPercentage ?? 100)) / 100);
  if (least < desired || most > desired) return { least, most };
  return maxHealthyPercentage === undefined
    ? { least: Math.max(0, desired - 1), most: desired }
    : { least, most: desired + 1 };
}
