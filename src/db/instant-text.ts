/** `2026-11-20 23:59:58+00`: whole seconds of an ordinary year. */
const ordinaryLength = 22;

/**
 * A `timestamptz` as PostgreSQL writes it for sessions in UTC, as RFC 3339 with milliseconds: what `toISOString` makes
 * of it, without a `Date` between.
 */
export function instantText(text: string): string {
  if (text.length !== ordinaryLength) return new Date(text).toISOString();
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.000Z`;
}
