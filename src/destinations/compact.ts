/** What is left of a value without what says nothing. */
type Compact<T> = { [Key in keyof T]?: Exclude<T[Key], undefined | null> };

/**
 * Leaves out every property that is undefined, null, an empty text, an empty list or no finite number. Zero and false
 * stay: they say something.
 */
export function compact<T extends object>(value: T): Compact<T> {
  const kept = Object.entries(value).filter(([, entry]) => !isEmpty(entry));
  // The entries are those of the value, and none of them is empty.
  return Object.fromEntries(kept) as Compact<T>;
}

/** @returns undefined in place of an object without properties */
export function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

/** @returns a number of at least 0, or undefined: no platform takes another as a price or a quantity */
export function amount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (typeof value === 'number') return !Number.isFinite(value);
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
