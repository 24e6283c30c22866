/** Longest wait that is believed: a broken date must not stop a shop for years. */
const longestWaitMs = 24 * 60 * 60 * 1000;

/**
 * Reads a `Retry-After` header: whole seconds or an HTTP date (RFC 9110, section 10.2.3).
 *
 * @param now the sender's present time in milliseconds since 1970; dates are counted from it.
 * @returns milliseconds to wait, at least 0 and at most one day; null when absent or unreadable.
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | null {
  const text = value?.trim();
  if (!text) return null;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, longestWaitMs);
  if (/^[+-]?[\d.]+$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - now), longestWaitMs);
}
