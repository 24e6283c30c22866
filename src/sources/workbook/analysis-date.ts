/** A range of days that the head of a workbook can mean, both inclusive, `YYYY-MM-DD`. */
export interface DayRange {
  from: string;
  to: string;
}

const written = /(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})\s*[~–—]\s*(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})/;

/**
 * The days of `Analysis date: DD/MM/YYYY~DD/MM/YYYY`, in any language. Where the day could be the month, the second
 * reading is month first. Null where no text holds a range, empty where it holds none that exists.
 */
export function analysisDates(texts: readonly string[]): DayRange[] | null {
  for (const text of texts) {
    const match = written.exec(text);
    if (match === null) continue;
    const numbers = match.slice(1).map(Number);
    const readings = readOrders(numbers).flatMap(([from, to]) => (from && to ? [{ from, to }] : []));
    return readings.filter((one, index) => readings.findIndex(({ from }) => from === one.from) === index);
  }
  return null;
}

function readOrders(numbers: readonly number[]): [string | null, string | null][] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
  if (a > 31) return [[dateOf(a, b, c), dateOf(d, e, f)]];
  return [
    [dateOf(c, b, a), dateOf(f, e, d)],
    [dateOf(c, a, b), dateOf(f, d, e)],
  ];
}

/** Null for a day that does not exist. */
function dateOf(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists =
    year >= 2000 && year <= 9999 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.toISOString().slice(0, 10) : null;
}
