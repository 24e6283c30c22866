import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { endExport } from '../../src/db/queries/exports.ts';
import { valueAt } from '../../src/exports/columns.ts';
import { sweepExports } from '../../src/exports/directory.ts';
import { disarm } from '../../src/exports/formulas.ts';
import { writeExport } from '../../src/exports/write-export.ts';
import { listRuns } from '../../src/sync/read-runs.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';
import { makeOrders, storeOrders } from '../support/orders.ts';
import { lacksOpenpyxl, readCsv, readWorkbook } from '../support/read-table.ts';

let api: TestApi;
let shop: string;
let base: string;
let readers: Sql;

const harmful = '=HYPERLINK("https://evil.example","click")';
const count = 2_345;

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
  base = `/api/v1/shops/${shop}/orders`;
  const orders = makeOrders({ count, seed: 7, currency: 'USD' });
  const [first, second] = orders;
  if (first === undefined || second === undefined) throw new Error('There are no orders.');
  first.lines = first.lines
    .slice(0, 1)
    .map((line) => ({ ...line, product_name: harmful, seller_sku: '@SKU' }));
  first.buyer_id = '=1+1';
  first.total_amount = '-24.90';
  second.buyer_id = '7495123456789012345';
  await storeOrders(api.sql, shop, orders);
  await makeOdd(orders.slice(2, 6).map((order) => order.order_id));
  const url = `postgres://${api.sql.options.user}:${api.sql.options.pass ?? ''}@${api.sql.options.host[0]}:${api.sql.options.port[0]}/${api.sql.options.database}`;
  readers = openPool(url, { applicationName: 'test readers', maxConnections: 1 });
});
afterAll(async () => {
  await readers.end();
  await api.close();
});

/** What no ordinary order has: lines without names, the same price in two spellings, no lines, hostile text. */
async function makeOdd([nameless, spelled, empty, hostile]: string[]): Promise<void> {
  const { sql } = api;
  await sql`
    update line_items set product_name = null, sku_name = null, seller_sku = null, sku_id = null
    where shop_id = ${shop} and order_id = ${nameless ?? ''}`;
  await sql`
    update line_items set product_id = '1000', sku_id = '1', product_name = 'Unit ' || position,
      unit_price = case when position % 2 = 0 then 12.50 else 12.5 end
    where shop_id = ${shop} and order_id = ${spelled ?? ''}`;
  await sql`delete from line_items where shop_id = ${shop} and order_id = ${empty ?? ''}`;
  await sql`
    update line_items set product_name = ${'"\\ \u001f\u2028\n;=1 🍵'}, sku_name = ${'\t@x'}
    where shop_id = ${shop} and order_id = ${hostile ?? ''}`;
  const brands = ['Zebra', 'Ärmel', 'apple', '=Brand', null, 'Zebra'];
  for (const [index, brand] of brands.entries()) {
    await sql`
      insert into products (shop_id, product_id, brand_name, brand_by_rule, observed_at)
      values (${shop}, ${String(1000 + index)}, ${brand}, ${index === 0 || brand === null ? 'By rule' : null}, now())`;
  }
}

interface Order {
  [field: string]: unknown;
  line_items: unknown[];
}

async function listed(query = ''): Promise<Order[]> {
  const orders: Order[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = (await (await api.get(`${base}?limit=500${query}${more}`)).json()) as {
      data: Order[];
      next_cursor: string | null;
    };
    orders.push(...page.data);
    cursor = page.next_cursor;
  }
  return orders;
}

async function file(path: string): Promise<{ bytes: Uint8Array; name: string; type: string }> {
  const response = await api.get(path);
  expect([path, response.status]).toEqual([path, 200]);
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    name: response.headers.get('content-disposition') ?? '',
    type: response.headers.get('content-type') ?? '',
  };
}

/** What a CSV cell has to hold for a value of the JSON list. */
function asText(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function at(row: object, name: string): unknown {
  return valueAt(row, name.split('.'));
}

const writer = () => ({ sql: api.sql, readers, directory: api.exportDirectory, hoursToKeep: 24 });

async function start(body: object): Promise<string> {
  const response = await api.send('POST', '/api/v1/exports', { path: base, format: 'csv', ...body });
  const started = (await response.json()) as { run_id: string };
  expect([response.status, started]).toEqual([202, expect.objectContaining({ mode: 'export' })]);
  expect(api.world.exporting.at(-1)).toBe(started.run_id);
  return started.run_id;
}

async function written(body: object): Promise<string> {
  const runId = await start(body);
  await writeExport(writer(), runId, new AbortController().signal);
  return runId;
}

describe('a list as CSV', () => {
  it.each(['', '&status=COMPLETED', '&sort=total_amount&order=asc', '&search=Tea_Pot', '&buyer=nobody'])(
    'holds the whole list with %j, field by field',
    async (query) => {
      const orders = await listed(query);
      const { bytes, type } = await file(`${base}?format=csv${query}`);
      const [header, ...rows] = readCsv(bytes);
      expect(type).toBe('text/csv; charset=utf-8');
      expect(header?.slice(0, 3)).toEqual(['order_id', 'status', 'created_at']);
      if (orders[0]) expect(header).toEqual(Object.keys(orders[0]));
      expect(rows.map((row) => row[0])).toEqual(orders.map((order) => order.order_id));
      const different = rows.flatMap((row, index) => {
        const expected = Object.entries(orders[index] ?? {}).map(([name, value]) =>
          name.endsWith('_amount') ? asText(value) : disarm(asText(value)),
        );
        return expected.join('\0') === row.join('\0') ? [] : [{ row, expected }];
      });
      expect(different).toEqual([]);
    },
  );

  it('is not cut by a limit, and says in its name what it holds', async () => {
    const { bytes, name } = await file(`${base}?format=csv&limit=1&created_ge=2026-01-01T00:00:00Z`);
    expect(readCsv(bytes)).toHaveLength(count + 1);
    expect(name).toBe(`attachment; filename="${shop}_orders_created-ge-2026-01-01T00-00-00Z_UTC-08-00.csv"`);
  });

  it.each(['format=pdf', 'format=csv&cursor=abc', 'format=csv&format=xlsx', 'format=csv&min_total=abc'])(
    'is 400 with %s',
    async (query) => {
      expect((await api.get(`${base}?${query}`)).status).toBe(400);
    },
  );

  it('gives its connection back when the reader leaves', async () => {
    const response = await api.get(`${base}?format=csv`);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    await reader?.cancel();
    const [open] = await api.sql<{ count: number }[]>`
      select count(*) as count from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`;
    expect(open?.count).toBe(0);
  });

  it('answers HEAD without reading anything', async () => {
    for (let time = 0; time < 6; time++) {
      const answer = await api.send('HEAD', `${base}?format=xlsx`);
      expect([answer.status, answer.headers.get('content-disposition')]).toEqual([
        200,
        expect.stringContaining('.xlsx'),
      ]);
    }
  });

  it('sheds what would take every connection', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => api.get(`${base}?format=csv`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const refused = await api.get(`${base}?format=csv`);
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true]);
    await Promise.all(answers.map((answer) => answer.body?.cancel()));
    expect((await file(`${base}?format=csv`)).bytes.length).toBeGreaterThan(0);
  });
});

describe('every list that takes a format', () => {
  it.each([
    ['reconciliations', () => `/api/v1/shops/${shop}/reconciliations`, 'open_orders.due'],
    ['quarantine', () => `/api/v1/shops/${shop}/quarantine`, 'record_id'],
    ['drift', () => `/api/v1/shops/${shop}/drift`, 'occurrences'],
    ['conversions', () => '/api/v1/conversions', 'event_id'],
    ['deliveries', () => '/api/v1/deliveries', 'attempt_count'],
  ])('gives %s at once and in the background', async (_, path, column) => {
    const direct = await file(`${path()}?format=csv`);
    const [header] = readCsv(direct.bytes);
    expect(header).toContain(column);
    expect(Buffer.from((await file(`${path()}?format=xlsx`)).bytes.subarray(0, 2)).toString()).toBe('PK');
    const runId = await written({ path: path() });
    expect(Buffer.compare((await file(`/api/v1/exports/${runId}/file`)).bytes, direct.bytes)).toBe(0);
  });

  describe('equals its JSON, row by row:', () => {
    const past = '2026-01-02T00:00:00Z';
    beforeAll(async () => {
      const { sql } = api;
      await sql`
        insert into sync_runs (run_id, shop_id, stream, mode, trigger, status, workflow_id, window_from, window_to,
          started_at, finished_at, error)
        select 'run_listed' || n, ${shop}, 'orders', 'window', 'api', 'failed', 'orderSync/' || n, ${past}, ${past},
          ${past}, ${past}, ${sql.json({ code: 'x', title: '=1+1', action: null, request_id: null })}
        from generate_series(1, 3) n`;
      await sql`
        insert into api_calls (at, shop_id, method, path, attempt, http_status, code, outcome, duration_ms)
        select ${past}, ${shop}, 'GET', '/order/' || n, 1, null, 36009003, 'rate-limited', n
        from generate_series(1, 1203) n`;
      await sql`
        insert into audit_log (at, actor, action, object, outcome)
        select ${past}, 'command_line', '@sum', ${sql.json({ shop, note: ';=1' })}, 'done' from generate_series(1, 3)`;
      await sql`
        insert into webhook_events (source, source_id, topic, status, reason, received_at, processed_at)
        select 'stripe', 'evt_' || n, '-1', 'failed', E'a\n"b"', ${past}, ${past} from generate_series(1, 3) n`;
    });

    async function pagesOf(path: string): Promise<object[]> {
      const shown: object[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = (await (await api.get(`${path}&limit=500${cursor}`)).json()) as {
          data: object[];
          next_cursor: string | null;
        };
        shown.push(...page.data);
        cursor = page.next_cursor === null ? null : `&cursor=${page.next_cursor}`;
      }
      return shown;
    }
    // The API of these tests knows no runs but those that it was asked for; this is what the real one shows.
    const runs = () => listRuns(api.sql, { shopIds: [shop], stream: 'orders', limit: 10 });

    it.each([
      ['runs', () => `/api/v1/shops/${shop}/syncs?stream=orders`, runs, 3],
      ['calls', () => `/api/v1/api_calls?shop_id=${shop}`, pagesOf, 1_203],
      ['the audit log', () => '/api/v1/audit_log?to=2026-01-03T00:00:00Z', pagesOf, 3],
      ['webhooks', () => '/api/v1/webhook_events?source=stripe', pagesOf, 3],
    ])('%s', async (_, path, read, length) => {
      const shown: object[] = await read(path());
      const direct = await file(`${path()}&format=csv`);
      const [header = [], ...rows] = readCsv(direct.bytes);
      expect(shown).toHaveLength(length);
      expect(rows).toEqual(shown.map((row) => header.map((name) => disarm(asText(at(row, name))))));
      const [list, query] = path().split('?');
      const runId = await written({ path: list, query });
      expect(Buffer.compare((await file(`/api/v1/exports/${runId}/file`)).bytes, direct.bytes)).toBe(0);
      expect(Buffer.from((await file(`${path()}&format=xlsx`)).bytes.subarray(0, 2)).toString()).toBe('PK');
    });

    it('and is for nobody who may not read the list', async () => {
      const keyOf = async (shops: string[] | null) =>
        (await createKey(api.sql, { name: 'key', scopes: ['read'], shopIds: shops, expiresAt: null })).key;
      const [read, bound] = [await keyOf(null), await keyOf([shop])];
      const ask = async (path: string, key: string) => {
        const direct = await api.send('HEAD', `${path}?format=csv`, undefined, key);
        const started = await api.send('POST', '/api/v1/exports', { path, format: 'csv' }, key);
        return [direct.status, started.status];
      };
      expect(await ask('/api/v1/audit_log', read)).toEqual([403, 403]);
      expect(await ask('/api/v1/webhook_events', bound)).toEqual([403, 403]);
      // Its run would belong to no shop, and the key would never see it; at once it gets what it may see.
      expect(await ask('/api/v1/api_calls', bound)).toEqual([200, 403]);
      const runId = await written({ path: '/api/v1/audit_log', query: 'to=2026-01-03T00:00:00Z' });
      expect((await api.send('HEAD', `/api/v1/exports/${runId}/file`, undefined, read)).status).toBe(404);
    });
  });

  it('reads lists that have several pages, page by page and row by row', async () => {
    await api.sql`
      insert into drift_findings (shop_id, stream, path, kind, samples, occurrences)
      select ${shop}, 'orders', 'field_' || n, 'unknown', '{text}', n from generate_series(1, 1203) n`;
    const [, ...rows] = readCsv((await file(`/api/v1/shops/${shop}/drift?format=csv`)).bytes);
    expect(rows).toHaveLength(1_203);
    expect(new Set(rows.map(([, path]) => path)).size).toBe(1_203);
  });
});

describe.skipIf(lacksOpenpyxl() !== null)('a list as XLSX', () => {
  it('has real numbers and dates, ids as text, and no formula', async () => {
    const orders = await listed();
    const { bytes, type } = await file(`${base}?format=xlsx`);
    const [sheet, ...others] = readWorkbook(bytes);
    if (sheet === undefined) throw new Error('There is no sheet.');
    expect(type).toContain('spreadsheetml');
    expect([others, sheet.name, sheet.frozen]).toEqual([[], 'orders', 'A2']);
    expect(Object.values(sheet.widths).every((width) => width >= 8)).toBe(true);
    const [header, ...rows] = sheet.rows;
    const names = header?.map((cell) => String(cell.value)) ?? [];
    expect(names).toEqual(Object.keys(orders[0] ?? {}));
    expect(rows).toHaveLength(orders.length);
    const wrong = rows.flatMap((row, index) =>
      names.flatMap((name, column) => {
        const cell = row[column];
        const value = orders[index]?.[name];
        const fits =
          cell !== undefined && (value === null ? cell.value === null : cellFits(name, cell, value));
        return fits ? [] : [{ name, value, cell }];
      }),
    );
    expect(wrong).toEqual([]);
  });

  function cellFits(name: string, cell: { value: unknown; type: string }, value: unknown): boolean {
    if (name.endsWith('_at')) {
      // The shop's clock, eight hours behind UTC.
      const local = new Date(Date.parse(String(value)) - 8 * 3_600_000).toISOString().slice(0, 19);
      return cell.type === 'd' && cell.value === local;
    }
    if (name.endsWith('_amount') || name.endsWith('_count') || name === 'sub_total') {
      return cell.type === 'n' && cell.value === Number(value);
    }
    return cell.type === 's' && cell.value === asText(value);
  }
});

describe('an export in the background', () => {
  it('is a run with progress and the very file of the list', async () => {
    const runId = await start({ query: { status: ['COMPLETED', 'CANCELLED'] } });
    expect(await (await api.get(`/api/v1/syncs/${runId}`)).json()).toMatchObject({
      ...{ run_id: runId, shop_id: shop, stream: 'export', mode: 'export', status: 'queued', progress: null },
    });
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(409);
    await writeExport(writer(), runId, new AbortController().signal);
    const run = (await (await api.get(`/api/v1/syncs/${runId}`)).json()) as Record<string, never>;
    const direct = await file(`${base}?format=csv&status=COMPLETED&status=CANCELLED`);
    const stored = await file(`/api/v1/exports/${runId}/file`);
    expect(Buffer.compare(stored.bytes, direct.bytes)).toBe(0);
    expect(stored.name).toBe(direct.name);
    const rows = readCsv(stored.bytes).length - 1;
    expect(run).toMatchObject({
      ...{ status: 'completed', error: null, counts: { written: rows } },
      progress: { orders_done: rows, orders_expected: rows, percent: 100 },
    });
    expect(await (await api.get(`/api/v1/exports/${runId}`)).json()).toMatchObject({
      path: base,
      format: 'csv',
      file: { rows, bytes: stored.bytes.length },
    });
  });

  it('takes the query as text, too, and writes workbooks', async () => {
    const runId = await written({ query: 'status=COMPLETED&sort=total_amount', format: 'xlsx' });
    const { bytes, name } = await file(`/api/v1/exports/${runId}/file`);
    expect(Buffer.from(bytes.subarray(0, 2)).toString()).toBe('PK');
    expect(name).toContain('_status-COMPLETED_');
  });

  it.each([
    [{ path: '/api/v1/shops' }, 400, 'path'],
    [{ path: 'https://elsewhere.example/' }, 400, 'path'],
    [{ path: '/api/v1/shops/shop-99/orders' }, 404, undefined],
    [{ path: '/api/v1/shops/%00/orders' }, 400, 'path.shop'],
    [{ query: { status: 'lower case' } }, 400, 'query.status.0'],
    [{ query: { nonsense: '1' } }, 400, 'query.nonsense'],
    [{ query: { cursor: 'abc' } }, 400, 'query.cursor'],
    [{ query: 'min_total=abc' }, 400, 'query.min_total'],
    [{ format: 'pdf' }, 400, 'format'],
    [{ extra: 1 }, 400, 'extra'],
  ])('refuses %j with %i', async (body, status, path) => {
    const response = await api.send('POST', '/api/v1/exports', { path: base, format: 'csv', ...body });
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    expect([response.status, errors[0]?.path]).toEqual([status, path]);
  });

  it('is for nobody who may not read the list', async () => {
    const other = await addShop(api.sql, { name: 'Other Shop' });
    const make = async (scopes: ('read' | 'ingest')[], shops: string[] | null) =>
      (await createKey(api.sql, { name: 'key', scopes, shopIds: shops, expiresAt: null })).key;
    const [own, foreign, ingest] = [
      await make(['read'], [shop]),
      await make(['read'], [other]),
      await make(['ingest'], null),
    ];
    const runId = await written({});
    const deliveries = await written({ path: '/api/v1/deliveries' });
    const ask = async (path: string, key: string) => (await api.send('HEAD', path, undefined, key)).status;
    for (const path of [
      `/api/v1/exports/${runId}`,
      `/api/v1/exports/${runId}/file`,
      `/api/v1/syncs/${runId}`,
    ]) {
      expect([path, await ask(path, own), await ask(path, foreign), await ask(path, ingest)]).toEqual([
        path,
        200,
        404,
        403,
      ]);
    }
    // What belongs to no shop is not for keys of shops.
    expect(await ask(`/api/v1/exports/${deliveries}/file`, own)).toBe(404);
    const seen = (await (await api.get('/api/v1/exports', foreign)).json()) as { data: unknown[] };
    expect(seen.data).toEqual([]);
    const refused = await api.send('POST', '/api/v1/exports', { path: base, format: 'csv' }, foreign);
    expect(refused.status).toBe(404);
  });

  it('keeps its file for its time and no longer', async () => {
    const runId = await written({});
    const stray = join(api.exportDirectory, 'run_stray-1.csv');
    const foreign = join(api.exportDirectory, 'notes.txt');
    for (const path of [stray, foreign]) writeFileSync(path, 'x');
    await sweepExports(api.sql, api.exportDirectory);
    expect((await api.send('HEAD', `/api/v1/exports/${runId}/file`)).status).toBe(200);
    expect([existsSync(stray), existsSync(foreign)]).toEqual([false, true]);
    await api.sql`update exports set expires_at = now() where run_id = ${runId}`;
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(410);
    await sweepExports(api.sql, api.exportDirectory);
    expect(readdirSync(api.exportDirectory).filter((name) => name.startsWith(runId))).toEqual([]);
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(410);
    expect(await (await api.get(`/api/v1/exports/${runId}`)).json()).toMatchObject({ file: null });
  });

  it('that was cancelled or broke off leaves nothing behind', async () => {
    const runId = await start({});
    const stop = new AbortController();
    stop.abort(new Error('cancelled'));
    await expect(writeExport(writer(), runId, stop.signal)).rejects.toThrow();
    await endExport(api.sql, runId, 'cancelled', null);
    expect(readdirSync(api.exportDirectory).filter((name) => name.startsWith(runId))).toEqual([]);
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(409);
    await writeExport(writer(), runId, new AbortController().signal);
    expect(await (await api.get(`/api/v1/exports/${runId}`)).json()).toMatchObject({ status: 'cancelled' });
  });

  it('says so when its directory cannot be used', async () => {
    const runId = await start({});
    const blocked = join(api.exportDirectory, 'a-file');
    writeFileSync(blocked, '');
    const options = { ...writer(), directory: join(blocked, 'exports') };
    await expect(writeExport(options, runId, new AbortController().signal)).rejects.toMatchObject({
      code: 'export-directory-unusable',
      actor: 'operator',
    });
  });
});

describe('a file on its way', () => {
  it('breaks off when the database fails on the way', async () => {
    const response = await api.get(`${base}?format=csv`);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    await vi.waitFor(async () => {
      const ended = await api.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'tideline api' and state like 'idle in trans%'`;
      expect(ended.length).toBe(1);
    });
    const drain = async (): Promise<void> => {
      while (!(await reader?.read())?.done);
    };
    await expect(drain()).rejects.toThrow();
    await vi.waitFor(async () => expect((await file(`${base}?format=csv`)).bytes.length).toBeGreaterThan(0));
  });
});
