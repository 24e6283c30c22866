import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDriftLedger } from '../../src/db/drift-ledger.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let shop: string;
let other: string;

beforeAll(async () => {
  api = await startTestApi();
  shop = await addShop(api.sql);
  other = await addShop(api.sql, { name: 'Other Shop' });
  for (let index = 0; index < 7; index++) {
    // Ties in time: the record id decides.
    await api.sql`
      insert into quarantined_records (shop_id, stream, record_id, path, reason, page_id, page_index, observed_at,
        first_seen_at)
      values (${shop}, 'orders', ${`57000${index}`}, 'payment.total_amount', 'not a plain decimal', 1, 0, now(),
        ${`2026-03-01T08:30:0${Math.floor(index / 3)}.123456Z`})`;
  }
  const ledger = createDriftLedger({
    sql: api.sql,
    log: { warn: (fields) => expect.fail(JSON.stringify(fields)) },
  });
  const found = (path: string) => ({ kind: 'unknown' as const, path, samples: ['text'], count: 3 });
  ledger.note(shop, 'orders', ['b', 'a', 'Z', 'a.c', 'line_items[].scent'].map(found));
  ledger.note(other, 'orders', [found('foreign')]);
  await ledger.flush();
});
afterAll(() => api.close());

interface Page {
  data: Record<string, unknown>[];
  next_cursor: string | null;
  total?: number;
}

async function walk(path: string): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  let cursor: string | null = null;
  do {
    const response = await api.get(`${path}?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
    expect(response.status).toBe(200);
    const page = (await response.json()) as Page;
    all.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return all;
}

describe('the list of records set aside', () => {
  it('shows each once, newest first, with path and reason', async () => {
    const records = await walk(`/api/v1/shops/${shop}/quarantine`);
    expect(records.map((record) => record.record_id)).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `57000${n}`));
    expect(records[0]).toEqual({
      record_id: '570006',
      stream: 'orders',
      path: 'payment.total_amount',
      reason: 'not a plain decimal',
      first_seen_at: '2026-03-01T08:30:02.123Z',
      last_seen_at: expect.any(String),
      run_id: null,
      tiktok_request_id: null,
    });
  });

  it('knows its total', async () => {
    const page = (await (await api.get(`/api/v1/shops/${shop}/quarantine?with_total=true`)).json()) as Page;
    expect(page).toMatchObject({ total: 7, next_cursor: null });
  });
});

describe('the list of drift', () => {
  it('shows each path once, and nothing of another shop', async () => {
    const drift = await walk(`/api/v1/shops/${shop}/drift`);
    expect(drift.map((finding) => finding.path)).toEqual(['Z', 'a', 'a.c', 'b', 'line_items[].scent']);
    expect(drift[0]).toMatchObject({ kind: 'unknown', samples: ['text'], occurrences: 3, stream: 'orders' });
  });
});

describe('both lists', () => {
  it('refuse the cursor of another list, unknown parameters and unknown shops', async () => {
    const first = (await (await api.get(`/api/v1/shops/${shop}/drift?limit=2`)).json()) as Page;
    const refused = [
      `/api/v1/shops/${shop}/quarantine?cursor=${first.next_cursor}`,
      `/api/v1/shops/${other}/drift?cursor=${first.next_cursor}`,
      `/api/v1/shops/${shop}/drift?cursor=AAAA`,
      `/api/v1/shops/${shop}/drift?path=a`,
      `/api/v1/shops/${shop}/quarantine?limit=501`,
    ];
    for (const path of refused) expect([path, (await api.get(path)).status]).toEqual([path, 400]);
    for (const list of ['quarantine', 'drift']) {
      expect((await api.get(`/api/v1/shops/shop-999/${list}`)).status).toBe(404);
    }
  });
});
