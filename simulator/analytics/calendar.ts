const day = 86_400;

/**
 * The calendar of a shop: which of its days a moment belongs to. Days are counted from 1970-01-01, so that yesterday is
 * one less, whatever the clocks did; a day of 23 or 25 hours is one day like any other.
 */
export class ShopCalendar {
  /** An IANA name, or a fixed offset such as `-08:00`. */
  readonly timeZone: string;
  readonly #fixed: number | null;
  readonly #format: Intl.DateTimeFormat | null;
  readonly #offsets = new Map<number, number>();

  /** Throws a RangeError for a zone that is neither an offset nor known. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    const match = /^([+-])(\d{2}):(\d{2})$/.exec(timeZone);
    this.#fixed =
      match === null ? null : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 3600 + Number(match[3]) * 60);
    this.#format =
      match === null ? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }) : null;
  }

  dayOf(seconds: number): number {
    return Math.floor((seconds + this.offset(seconds)) / day);
  }

  /** Seconds since the shop's midnight as its clocks show them. */
  clockOf(seconds: number): number {
    return (seconds + this.offset(seconds)) % day;
  }

  /** Unix seconds at which the shop's clocks show this many seconds after midnight of the day. */
  momentOf(dayNumber: number, clock = 0): number {
    const wall = dayNumber * day + clock;
    const guess = wall - this.offset(wall);
    return wall - this.offset(guess);
  }

  /** Seconds east of UTC. */
  offset(seconds: number): number {
    if (this.#format === null) return this.#fixed ?? 0;
    // No zone changes its clocks inside a quarter of an hour.
    const quarter = Math.floor(seconds / 900);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const text = this.#format
      .formatToParts(quarter * 900_000)
      .find(({ type }) => type === 'timeZoneName')?.value;
    const match = /^GMT([+-])(\d{2}):(\d{2})$/.exec(text ?? '');
    const offset =
      match === null ? 0 : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 3600 + Number(match[3]) * 60);
    this.#offsets.set(quarter, offset);
    return offset;
  }
}

/** The day's number; `null` for a text that is no date of the calendar, such as `2026-02-30`. */
export function readDate(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return null;
  return time / 86_400_000;
}

export function writeDate(dayNumber: number): string {
  return new Date(dayNumber * 86_400_000).toISOString().slice(0, 10);
}
