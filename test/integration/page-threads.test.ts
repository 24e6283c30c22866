import { hash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { PageThreads } from '../../src/activities/orders/page-threads.ts';
import type { OrderRows } from '../../src/db/queries/order-rows.ts';
import { packageRoot } from '../../src/paths.ts';

// Threads run what was built, as the worker does.
const built = pathToFileURL(join(packageRoot, 'dist', 'src', 'activities', 'orders', 'page-threads.js')).href;
let openPageThreads: (mostMegabytes?: number) => PageThreads;
let threads: PageThreads | null = null;

beforeAll(async () => {
  ({ openPageThreads } = (await import(built)) as { openPageThreads: typeof openPageThreads });
});

afterEach(async () => {
  await threads?.close();
  threads = null;
});

function open(mostMegabytes?: number): PageThreads {
  threads = openPageThreads(mostMegabytes);
  return threads;
}

function order(id: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    status: 'COMPLETED',
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    buyer_message: 'canary',
    payment: { currency: 'USD', total_amount: '1.50' },
    line_items: [{ id: `${id}-1`, sale_price: '1.50' }],
    packages: [{ id: `${id}-package` }],
    ...changes,
  };
}

function body(data: unknown, code = 0): Buffer {
  return Buffer.from(JSON.stringify({ code, message: 'Success', request_id: 'r-1', data }));
}

test('a page becomes rows on another thread', async () => {
  const page = body({
    orders: [order('9223372036854775807'), order('12', { payment: null }), order('11')],
    next_page_token: 'next',
    total_count: 3,
  });
  const { envelope, sha256 } = await open().decodePage(page);
  expect(Buffer.from(sha256)).toEqual(hash('sha256', page, 'buffer'));
  expect(envelope).toMatchObject({ code: 0, requestId: 'r-1' });
  const { mapped, ...rest } = (envelope as { data: { mapped: { rows: OrderRows; drift: unknown[] } } }).data;
  const { rows, drift } = mapped;
  expect(drift).not.toEqual([]);
  expect(rest).toEqual({ next_page_token: 'next', total_count: 3 });
  expect(rows).toMatchObject({
    recordIds: ['9223372036854775807', '12', '11'],
    orderIds: ['11', '9223372036854775807'],
    quarantined: [{ recordId: '12', path: 'payment', pageIndex: 1 }],
    personal: [
      { recordId: '11', personal: { buyer_message: 'canary' } },
      { recordId: '9223372036854775807' },
    ],
  });
  const kept = brotliDecompressSync(rows.body).toString();
  expect(JSON.parse(kept)).toHaveLength(3);
  expect(kept).not.toContain('canary');
});

test('answers that are no pages come through', async () => {
  const { decodePage } = open();
  expect((await decodePage(Buffer.from('<html>'))).envelope).toBeNull();
  expect((await decodePage(body(null, 36009003))).envelope).toMatchObject({ code: 36009003, data: null });
  expect((await decodePage(body({ orders: { a: 1 } }))).envelope?.data).toEqual({ mapped: null });
  expect((await decodePage(body({}))).envelope?.data).toMatchObject({ mapped: { rows: { recordIds: [] } } });
});

test('a page that bursts its thread is an answer too large, and the next page is read', async () => {
  const { decodePage } = open(16);
  const giant = body({ orders: Array.from({ length: 60_000 }, (_, index) => order(String(index))) });
  await expect(decodePage(giant)).rejects.toMatchObject({ kind: 'too-large' });
  expect((await decodePage(body({ orders: [order('1')] }))).envelope?.data).toMatchObject({
    mapped: { rows: { orderIds: ['1'] } },
  });
});
