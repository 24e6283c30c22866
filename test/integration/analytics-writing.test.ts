import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '../../src/analytics/calendar.ts';
import { keepPage, readKeptPages } from '../../src/analytics/pages.ts';
import { claimRunDay, listRunDays, planRunDays, RunDayLost } from '../../src/analytics/run-days.ts';
import { dueDays } from '../../src/analytics/stream-states.ts';
import { declarationOf, metricColumns, streamNames, summedMetrics } from '../../src/analytics/streams.ts';
import { sumDays } from '../../src/analytics/sum-days.ts';
import { type DayRow, writeDay } from '../../src/analytics/write-day.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { chance, randomFigures, startRun, writeTestDay } from '../support/analytics-days.ts';
import { addShop } from '../support/api.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 12 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const product = (id: string, gmv: string, items = '1'): DayRow => ({
  product_id: id,
  gmv,
  items_sold: items,
  orders_count: '1',
});

async function storedRows(shopId: string, table: string, date: string) {
  return sql<Record<string, unknown>[]>`
    select * from ${sql(table)} where shop_id = ${shopId} and date = ${date} order by 3`;
}

/** Every sum since New Year, beside the sum of the days that it holds: none may differ. */
async function wrongSums(shopId: string, stream: 'products' | 'skus' | 'videos') {
  const declaration = declarationOf(stream);
  const [key] = declaration.keys[0] ?? [''];
  const sums = summedMetrics(declaration).flatMap(({ name, always }) => [
    `coalesce(sum(d.${name}), 0) as ${name}`,
    ...(always ? [] : [`count(d.${name}) as ${name}_days`]),
  ]);
  const names = sums.map((sum) => sum.split(' as ')[1] ?? '');
  return sql.unsafe(
    `with truth as (
      select b.until, d.${key}, count(*) as days, ${sums.join(', ')}
      from analytics_boundaries b join ${declaration.table} d on d.shop_id = b.shop_id and d.date < b.until
        and d.date >= date_trunc('year', b.until - 1)
      join analytics_days on analytics_days.shop_id = b.shop_id and analytics_days.stream = b.stream
        and analytics_days.date = d.date and summed
      where b.shop_id = $1 and b.stream = $2 group by 1, 2),
    kept as (select * from ${declaration.toDate} where shop_id = $1)
    select until, ${key}, truth.days as expected, kept.days as found
    from truth full join kept using (until, ${key})
    where (coalesce(truth.days, 0), ${names.map((name) => `coalesce(truth.${name}, 0)`).join(', ')})
      is distinct from (kept.days, ${names.map((name) => `kept.${name}`).join(', ')})`,
    [shopId, stream],
  );
}

describe('tables of analytics', () => {
  it('are as their streams declare them', async () => {
    const columns = await sql<{ name: string }[]>`
      select table_name || ' ' || column_name || ' ' || udt_name as name from information_schema.columns
      where table_schema = 'tideline'`;
    const known = new Set(columns.map(({ name }) => name));
    const udt: Record<string, string> = { bigint: 'int8', integer: 'int4', smallint: 'int2' };
    for (const stream of streamNames) {
      const declaration = declarationOf(stream);
      const declared = [...declaration.keys, ...declaration.attributes, ...metricColumns(declaration)].map(
        ([name, type]) => `${declaration.table} ${name} ${udt[type] ?? type}`,
      );
      const described = (declaration.describedIn?.columns ?? []).map(
        ([name, type]) => `${declaration.describedIn?.table} ${name} ${udt[type] ?? type}`,
      );
      const summed = declaration.toDate === null ? [] : summedMetrics(declaration);
      const sums = summed.flatMap(({ name, always }) => [
        `${declaration.toDate} ${name} numeric`,
        ...(always ? [] : [`${declaration.toDate} ${name}_days int4`]),
      ]);
      expect([...declared, ...described, ...sums].filter((name) => !known.has(name))).toEqual([]);
    }
  });
});

describe('writing a day', () => {
  it('takes every stream, twice without a change', async () => {
    const shopId = await addShop(sql);
    const next = chance(3);
    for (const stream of streamNames) {
      const declaration = declarationOf(stream);
      const keyOf = (type: string, nth: number): string | number => {
        if (type === 'timestamptz') return `2026-11-0${nth + 1}T10:00:00Z`;
        return type === 'text' ? `90071992547409931${nth}` : nth;
      };
      const many = declaration.keys.length === 0 ? 1 : 3;
      const rows = Array.from({ length: many }, (_, nth) => ({
        ...Object.fromEntries(declaration.keys.map(([name, type]) => [name, keyOf(type, nth)])),
        ...randomFigures(next, stream),
      }));
      const day = { shopId, stream, date: '2026-11-02', rows };
      expect(await writeTestDay(sql, day)).toMatchObject({ fetched: many, written: many, restated: 0 });
      expect(await writeTestDay(sql, day)).toMatchObject({
        written: 0,
        unchanged: many,
        restated: 0,
        removed: 0,
      });
      const stored = await storedRows(shopId, declaration.table, '2026-11-02');
      expect(stored).toHaveLength(many);
      for (const [nth, row] of rows.entries()) {
        for (const [name] of metricColumns(declaration)) {
          const value = stored[nth]?.[name];
          expect(value === null ? null : String(value), `${stream}.${name}`).toBe((row as DayRow)[name]);
        }
      }
    }
  });

  it('keeps what a later read found otherwise, gone or new', async () => {
    const shopId = await addShop(sql);
    const at = { shopId, stream: 'products', date: '2026-11-02' } as const;
    await writeTestDay(sql, {
      ...at,
      rows: [product('1', '10.10'), product('2', '5'), product('3', '7.77')],
    });
    const counts = await writeTestDay(sql, {
      ...at,
      rows: [product('1', '10.1'), product('2', '5.01'), product('4', '0.99', '0')],
    });
    expect(counts).toEqual({ fetched: 3, written: 2, unchanged: 1, removed: 1, restated: 7 });
    const restatements = await sql`
      select key, field, old::text as old, new::text as new from analytics_restatements
      where shop_id = ${shopId} order by key, field`;
    expect(restatements.map(({ key, field, old, new: now }) => [key, field, old, now])).toEqual([
      ['2', 'gmv', '5', '5.01'],
      ['3', 'gmv', '7.77', null],
      ['3', 'items_sold', '1', null],
      ['3', 'orders_count', '1', null],
      ['4', 'gmv', null, '0.99'],
      ['4', 'items_sold', null, '0'],
      ['4', 'orders_count', null, '1'],
    ]);
    expect(await wrongSums(shopId, 'products')).toEqual([]);
  });

  it('lets no older read overwrite a newer one, whoever writes last', async () => {
    const shopId = await addShop(sql);
    const at = { shopId, stream: 'products', date: '2026-11-02' } as const;
    await writeTestDay(sql, {
      ...at,
      rows: [product('1', '2')],
      observedAt: new Date('2026-11-04T00:00:02Z'),
    });
    const late = { ...at, rows: [product('1', '1')], observedAt: new Date('2026-11-04T00:00:01Z') };
    expect(await writeTestDay(sql, late)).toMatchObject({ written: 0, unchanged: 1, restated: 0 });
    expect(await storedRows(shopId, 'analytics_products', '2026-11-02')).toMatchObject([{ gmv: '2' }]);
  });

  it('never mixes currencies', async () => {
    const shopId = await addShop(sql);
    const at = { shopId, stream: 'products', date: '2026-11-02' } as const;
    await writeTestDay(sql, { ...at, rows: [product('1', '1200')], currency: 'JPY' });
    const other = writeTestDay(sql, { ...at, rows: [product('1', '12.00')], currency: 'USD' });
    await expect(other).rejects.toMatchObject({ code: 'currency-changed' });
    expect(await storedRows(shopId, 'analytics_products', '2026-11-02')).toMatchObject([{ gmv: '1200' }]);
  });

  it('keeps descriptions of the newest read, and what it leaves out', async () => {
    const shopId = await addShop(sql);
    const video = { video_id: 'v', gmv: '1' };
    const day = (date: string, row: DayRow, second: number) =>
      writeTestDay(sql, { shopId, stream: 'videos', date, rows: [row], observedAt: new Date(second * 1000) });
    await day('2026-11-02', { ...video, title: 'Old \0 title', username: 'maker' }, 10);
    await day('2026-11-03', { ...video, title: 'New title' }, 20);
    await day('2026-11-01', { ...video, title: 'Older title' }, 5);
    const [stored] = await sql`select title, username from videos where shop_id = ${shopId}`;
    expect(stored).toEqual({ title: 'New title', username: 'maker' });
  });

  it('sums every row once, in any order of days, with several writers at once', async () => {
    const shopId = await addShop(sql);
    const next = chance(11);
    const random = (stream: 'products' | 'skus' | 'videos') => {
      const key = declarationOf(stream).keys[0]?.[0] ?? '';
      const date = addDays('2025-11-20', next(90));
      const rows = Array.from({ length: next(12) }, () => ({
        ...randomFigures(next, stream),
        [key]: `k${next(15)}`,
      }));
      return writeTestDay(sql, { shopId, stream, date, rows });
    };
    for (let round = 0; round < 40; round++) {
      await Promise.all([
        random('products'),
        random('products'),
        random('products'),
        random('skus'),
        random('videos'),
      ]);
    }
    for (const stream of ['products', 'skus', 'videos'] as const) {
      expect(await wrongSums(shopId, stream)).toEqual([]);
      await Promise.all([sumDays(sql, { shopId, stream }), sumDays(sql, { shopId, stream })]);
      expect(await wrongSums(shopId, stream)).toEqual([]);
      const left = await sql`
        select date from analytics_days where shop_id = ${shopId} and stream = ${stream} and not summed`;
      expect(left).toEqual([]);
    }
    // What was read first, with every restatement applied in turn, is what is stored.
    const [replayed] = await sql`
      with figures as (
        select date, key, field, sum(coalesce(new, 0) - coalesce(old, 0)) as moved from analytics_restatements
        where shop_id = ${shopId} and stream = 'products' and field = 'gmv' group by 1, 2, 3)
      select (select count(*) from figures) > 20 as enough, (select bool_and(r.new is not distinct from d.gmv)
        from (select distinct on (date, key) * from analytics_restatements
          where shop_id = ${shopId} and stream = 'products' and field = 'gmv'
          order by date, key, restatement_id desc) r
        left join analytics_products d on d.shop_id = r.shop_id and d.date = r.date and d.product_id = r.key) as equal`;
    expect(replayed).toEqual({ enough: true, equal: true });
  });
});

describe('the days of a run', () => {
  const page = (pageNumber: number, nextPageToken: string | null, records: string[]) => ({
    pageNumber,
    nextPageToken,
    requestId: `request-${pageNumber}`,
    observedAt: new Date('2026-11-20T00:00:00Z'),
    responseSha256: Buffer.alloc(32),
    records,
  });

  it('go on at the page, and whoever lost them writes nothing', async () => {
    const shopId = await addShop(sql);
    const runId = await startRun(sql, shopId);
    const key = { runId, stream: 'products', date: '2026-11-02' } as const;
    await planRunDays(sql, runId, [key, { ...key, date: '2026-11-03' }]);
    const first = await claimRunDay(sql, key);
    if (first === null) throw new Error('not claimed');
    const pageId = await keepPage(sql, {
      ...first,
      shopId,
      ...page(0, 'next', ['{"id":"9007199254740993"}']),
    });
    const second = await claimRunDay(sql, key);
    expect(second).toMatchObject({ pages: 1, nextPageToken: 'next', status: 'running' });
    if (second === null) throw new Error('not claimed');
    const lost = keepPage(sql, { ...first, shopId, ...page(1, null, []) });
    await expect(lost).rejects.toBeInstanceOf(RunDayLost);
    await keepPage(sql, { ...second, shopId, ...page(1, null, ['{"id":"2"}']) });
    const kept = await readKeptPages(sql, key);
    expect(kept.map(({ records }) => records)).toEqual([[{ id: '9007199254740993' }], [{ id: '2' }]]);
    const day = {
      ...key,
      shopId,
      today: '2026-11-21',
      observedAt: new Date('2026-11-20T00:00:00Z'),
      currency: 'USD',
      latestAvailableDate: '2026-11-19',
      rows: [{ ...product('9007199254740993', '1.00'), page_id: pageId, page_index: 0 }],
    };
    await expect(writeDay(sql, { ...day, attempt: first.attempt })).rejects.toBeInstanceOf(RunDayLost);
    expect(await writeDay(sql, { ...day, attempt: second.attempt })).toMatchObject({ written: 1 });
    expect(await claimRunDay(sql, key)).toBeNull();
    expect((await listRunDays(sql, runId)).map(({ date, status }) => [date, status])).toEqual([
      ['2026-11-02', 'done'],
      ['2026-11-03', 'waiting'],
    ]);
    // The page that nothing came from is gone, the other one is the birth certificate of its row.
    expect((await readKeptPages(sql, key)).map((one) => one.pageId)).toEqual([pageId]);
  });

  it('are due while they were never read or have not settled', async () => {
    const shopId = await addShop(sql);
    const range = { from: '2026-11-01', to: '2026-11-05', today: '2026-11-21' };
    const of = { shopId, stream: 'products' } as const;
    await writeTestDay(sql, { ...of, date: '2026-11-02', rows: [product('1', '1')], today: '2026-11-04' });
    await writeTestDay(sql, { ...of, date: '2026-11-03', rows: [product('1', '1')], today: '2026-12-30' });
    await writeTestDay(sql, { ...of, date: '2026-11-04', rows: [product('1', '1')] });
    expect(await dueDays(sql, of, range)).toEqual(['2026-11-01', '2026-11-02', '2026-11-05']);
    expect(await dueDays(sql, of, { ...range, today: '2026-12-05' })).toContain('2026-11-04');
  });
});
