const scale = 6;

/** A plain decimal as an exact integer of millionths; `null` for anything that is not one. */
export function exact(text: string | null): bigint | null {
  const match = text === null ? null : /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > scale) return null;
  const value = BigInt((match[2] ?? '0') + fraction.padEnd(scale, '0'));
  return match[1] === '-' ? -value : value;
}

/** Writes millionths as a decimal with at least two places. */
export function decimal(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '').padEnd(2, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${fraction}`;
}

export interface DayTotal {
  date: string;
  orders: number;
  gmv: string;
}

export interface SideTotals {
  orders: number;
  /** Sum of total_amount of all orders but UNPAID ones, by currency. */
  gmvByCurrency: Record<string, string>;
  /** The only currency's sum; with several currencies, their plain sum, good for comparing only. */
  gmv: string;
  lines: number;
  lineSum: string;
  byStatus: Record<string, number>;
}

/** Adds up one side of the comparison: totals, and orders and GMV for each of the shop's calendar days. */
export class Totals {
  readonly #dayOf: (seconds: number) => string;
  readonly #days = new Map<string, { orders: number; gmv: bigint }>();
  readonly #gmv = new Map<string, bigint>();
  readonly #status = new Map<string, number>();
  #orders = 0;
  #lines = 0;
  #lineSum = 0n;

  constructor(dayOf: (seconds: number) => string) {
    this.#dayOf = dayOf;
  }

  add(order: {
    status: string;
    createTime: number;
    currency: string | null;
    totalAmount: string | null;
    lineCount: number;
    lineSum: string | null;
  }): void {
    const amount = order.status === 'UNPAID' ? 0n : (exact(order.totalAmount) ?? 0n);
    const currency = order.currency ?? '';
    this.#orders += 1;
    this.#lines += order.lineCount;
    this.#lineSum += exact(order.lineSum) ?? 0n;
    this.#gmv.set(currency, (this.#gmv.get(currency) ?? 0n) + amount);
    this.#status.set(order.status, (this.#status.get(order.status) ?? 0) + 1);
    const date = this.#dayOf(order.createTime);
    const day = this.#days.get(date) ?? { orders: 0, gmv: 0n };
    day.orders += 1;
    day.gmv += amount;
    this.#days.set(date, day);
  }

  summary(): SideTotals {
    let sum = 0n;
    for (const amount of this.#gmv.values()) sum += amount;
    return {
      orders: this.#orders,
      gmvByCurrency: Object.fromEntries(
        [...this.#gmv].map(([currency, amount]) => [currency, decimal(amount)]),
      ),
      gmv: decimal(sum),
      lines: this.#lines,
      lineSum: decimal(this.#lineSum),
      byStatus: Object.fromEntries([...this.#status].sort()),
    };
  }

  days(): DayTotal[] {
    return [...this.#days]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([date, { orders, gmv }]) => ({ date, orders, gmv: decimal(gmv) }));
  }
}

/**
 * The calendar day (`YYYY-MM-DD`) of Unix seconds in an IANA zone or a fixed offset such as `-08:00`. Formatting is slow,
 * so it is done once for each quarter of an hour: no zone's day begins inside one.
 */
export function dayIn(timeZone: string): (seconds: number) => string {
  const known = new Map<number, string>();
  const fixed = /^(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})$/.exec(timeZone);
  const offset =
    fixed === null ? null : (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
  const format =
    offset === null
      ? new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
      : null;
  return (seconds) => {
    const quarter = Math.floor(seconds / 900);
    const found = known.get(quarter);
    if (found !== undefined) return found;
    const made =
      format === null
        ? new Date((quarter * 900 + (offset ?? 0)) * 1000).toISOString().slice(0, 10)
        : format.format(quarter * 900_000);
    known.set(quarter, made);
    return made;
  };
}
