import { expect } from 'vitest';
import { addDays, type Granularity, startOfPeriod } from '../../src/analytics/calendar.ts';
import { declarationOf, metricColumns } from '../../src/analytics/streams.ts';
import { sumDays } from '../../src/analytics/sum-days.ts';
import type { DayRow } from '../../src/analytics/write-day.ts';
import { chance, randomFigures, writeTestDay } from './analytics-days.ts';
import { addShop, type TestApi } from './api.ts';

export type Row = Record<string, unknown>;
export interface List {
  data: Row[];
  next_cursor: string | null;
  total?: number;
  currency: string | null;
  coverage: Row[];
}

export const streamsUnderTest = [
  'shop',
  'hourly',
  'products',
  'skus',
  'videos',
  'lives',
  'affiliates',
] as const;
export type Tested = (typeof streamsUnderTest)[number];

/** The first of the 400 days that hold figures. */
export const first = '2025-09-20';

/** Two shops with figures by chance, and lists of them as the API tells them. */
export interface FiguresAtRandom {
  shopIds: readonly string[];
  /** The source of chance that the figures came from. */
  next(below: number): number;
  read(path: string): Promise<List>;
  /** All pages of a list. */
  readAll(path: string, limit: number): Promise<Row[]>;
  /** The rows of a list, added up one figure after the other, by {@link idOf}. */
  addUp(asked: AskedFigures): Map<string, Sum>;
}

interface AskedFigures {
  stream: Tested;
  shops: readonly string[];
  from: string;
  /** The day after the last. */
  to: string;
  granularity: Granularity | null;
}

interface Sum {
  date: string;
  shopId: string;
  key: string;
  figures: Record<string, bigint | null>;
}

/** What was written last of each shop, stream, day and key: what every answer is held against. */
type Truth = Map<string, Map<string, DayRow>>;

const at = (shopId: string, stream: Tested, date: string): string => `${shopId} ${stream} ${date}`;
const keyOf = (stream: Tested): string => declarationOf(stream).keys[0]?.[0] ?? 'date';

/** Tells the rows of a list apart. */
export const idOf = (stream: Tested, row: Row): string =>
  JSON.stringify([
    row.date ?? '',
    row.shop_id ?? '',
    stream === 'shop' ? '' : String(row[keyOf(stream)] ?? row.external_id),
  ]);

export async function writeFiguresAtRandom(api: TestApi): Promise<FiguresAtRandom> {
  const next = chance(20_261_121);
  const truth: Truth = new Map();
  const shopIds = [await addShop(api.sql), await addShop(api.sql)] as const;
  for (let round = 0; round < 120; round++) {
    for (const stream of streamsUnderTest) {
      await writeRandomDay(api, truth, next, { shopId: shopIds[next(2)] ?? '', stream });
    }
  }
  // One shop's days are all in the sums; of the other some are not yet.
  for (const stream of streamsUnderTest) await sumDays(api.sql, { shopId: shopIds[1], stream });
  for (let nth = 0; nth < 9; nth++) {
    await api.sql`
      insert into products (shop_id, product_id, title, status, brand_name, category_id, stock, observed_at)
      values (${shopIds[nth % 2] ?? ''}, ${`products-${nth}`}, ${`Tea 100% ${nth % 3}`},
        ${nth % 2 === 0 ? 'ACTIVATE' : 'FREEZE'}, ${nth % 3 === 0 ? 'Harbour' : null}, 'c1', ${nth}, now())`;
  }
  const read = (path: string): Promise<List> => readList(api, path);
  return {
    ...{ shopIds, next, read },
    addUp: (asked) => addUp(truth, asked),
    async readAll(path, limit) {
      const rows: Row[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: List = await read(`${path}&limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
        rows.push(...page.data);
        cursor = page.next_cursor;
      }
      return rows;
    },
  };
}

async function writeRandomDay(
  api: TestApi,
  truth: Truth,
  next: FiguresAtRandom['next'],
  { shopId, stream }: { shopId: string; stream: Tested },
): Promise<void> {
  const date = addDays(first, next(400));
  const many = stream === 'shop' ? 1 : next(7);
  const rows = Array.from({ length: many }, () => {
    const key = stream === 'hourly' ? next(24) : `${stream}-${next(12)}`;
    return { ...randomFigures(next, stream), ...(stream === 'shop' ? {} : { [keyOf(stream)]: key }) };
  });
  await writeTestDay(api.sql, { shopId, stream, date, rows });
  truth.set(
    at(shopId, stream, date),
    new Map(rows.map((row: Row) => [String(row[keyOf(stream)]), row as DayRow])),
  );
}

async function readList(api: TestApi, path: string): Promise<List> {
  const response = await api.get(path);
  const text = await response.text();
  if (response.status !== 200) console.error(path, api.world.log.at(-1));
  expect(response.status, path).toBe(200);
  return JSON.parse(text) as List;
}

function addUp(truth: Truth, { stream, shops, from, to, granularity }: AskedFigures): Map<string, Sum> {
  const declaration = declarationOf(stream);
  const ownKeys = declaration.describedIn !== null;
  const sums = new Map<string, Sum & { days: number }>();
  for (const shopId of shops) {
    for (let date = from; date < to; date = addDays(date, 1)) {
      for (const [key, row] of truth.get(at(shopId, stream, date)) ?? []) {
        const label = granularity === null ? '' : startOfPeriod(date, granularity);
        const id = JSON.stringify([label, ownKeys ? shopId : '', stream === 'shop' ? '' : key]);
        const sum = sums.get(id) ?? { date: label, shopId: ownKeys ? shopId : '', key, figures: {}, days: 0 };
        sum.days += 1;
        for (const [name] of metricColumns(declaration)) {
          const value = row[name];
          if (value == null) sum.figures[name] ??= null;
          else sum.figures[name] = (sum.figures[name] ?? 0n) + toCents(value);
        }
        sums.set(id, sum);
      }
    }
  }
  for (const sum of sums.values()) {
    for (const [name, metric] of Object.entries(declaration.metrics)) {
      if (metric.kind === 'daily' && sum.days > 1) sum.figures[name] = null;
    }
  }
  return sums;
}

/** Holds every figure of a row against what was added up. */
export function expectEqual(stream: Tested, row: Row, sum: Sum | undefined, context: string): void {
  const declaration = declarationOf(stream);
  if (sum === undefined) throw new Error(`${context}: ${JSON.stringify(row)} should not be there.`);
  for (const [name, metric] of Object.entries(declaration.metrics)) {
    if (metric.kind === 'ratio' && metric.percentage) {
      const expected = inPercent(sum.figures[metric.of] ?? null, sum.figures[metric.to] ?? null);
      expect(row[name] === null ? null : toCents(row[name]), `${context}: ${name}`).toBe(expected);
    }
    // What is added up since New Year holds no figures of one day alone.
    if (metric.kind === 'ratio' || (metric.kind === 'daily' && declaration.toDate !== null)) continue;
    const shown = row[name] === null || row[name] === undefined ? null : toCents(row[name]);
    expect(shown, `${context}: ${name} of ${JSON.stringify(row)}`).toBe(sum.figures[name]);
  }
}

/** Hundredths of a percent, rounded half up; counts are never negative. */
function inPercent(part: bigint | null, whole: bigint | null): bigint | null {
  return part === null || whole === null || whole === 0n ? null : (part * 20_000n + whole) / (whole * 2n);
}

/** Hundredths, for exact sums that owe nothing to the engine. */
export function toCents(decimal: unknown): bigint {
  const [whole = '', fraction = ''] = String(decimal).replace('-', '').split('.');
  const cents = BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'));
  return String(decimal).startsWith('-') ? -cents : cents;
}
