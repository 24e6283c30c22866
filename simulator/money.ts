/** Money in minor units (cents; whole yen) as exact integers. */

const plainDecimal = /^(\d{1,13})(?:\.(\d{1,2}))?$/;

/** Reads a plain non-negative decimal with at most two places as cents; `null` for anything else. */
export function parseCents(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const match = plainDecimal.exec(text);
  if (match === null) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

const small: string[] = [];

/** Writes minor units as the decimal string that TikTok sends: two places, or none for yen, rupiah and dong. */
export function formatMinor(amount: number, decimals: 0 | 2): string {
  if (decimals === 0) return String(amount);
  const known = small[amount];
  if (known !== undefined) return known;
  const sign = amount < 0 ? '-' : '';
  const absolute = Math.abs(amount);
  const cents = absolute % 100;
  const text = `${sign}${(absolute - cents) / 100}.${cents < 10 ? '0' : ''}${cents}`;
  // Most prices repeat; a bounded table of them halves the time of rendering an order.
  if (amount >= 0 && amount < 20_000) small[amount] = text;
  return text;
}

/** The share of one of `units` equal units when `amount` is spread so that all of them sum to it exactly. */
export function unitShare(amount: number, units: number, position: number): number {
  const each = Math.floor(amount / units);
  return each + (position < amount - each * units ? 1 : 0);
}
