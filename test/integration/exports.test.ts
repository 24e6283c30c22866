import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { disarm } from '../../src/exports/formulas.ts';
import type { TestApi } from '../support/api.ts';
import { asText, type ExportApi, startExportApi } from '../support/exports.ts';
import { makeOrders, storeOrders } from '../support/orders.ts';
import { lacksOpenpyxl, readCsv, readWorkbook } from '../support/read-table.ts';

let exporting: ExportApi;
let api: TestApi;
let shop: string;
let base: string;
let file: ExportApi['file'];

const harmful = '=HYPERLINK("https://evil.example","click")';
const count = 2_345;

beforeAll(async () => {
  exporting = await startExportApi();
  ({ api, shop, base, file } = exporting);
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
});
afterAll(() => exporting.close());

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
