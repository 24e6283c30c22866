import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finishProductSync } from '../../src/activities/products/finish-product-sync.ts';
import { walkProducts } from '../../src/activities/products/walk-products.ts';
import { createDriftLedger } from '../../src/db/drift-ledger.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { insertRun, takeNextRun } from '../../src/db/queries/runs.ts';
import type { ShopCall, TikTokShopClient } from '../../src/sources/tiktok-shop/client.ts';
import { createUpstreamClock } from '../../src/sources/tiktok-shop/clock.ts';
import { addShop } from '../support/api.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { noControl } from '../support/order-walks.ts';

const now = 1_790_000_000;
/** As many results of one search TikTok lists, and counts, at most. */
const mostListed = 10_000;

interface Product {
  id: string;
  create_time: number;
}

/** A catalogue whose search stops where TikTok's does, and says that there is no more. */
function catalogueOf(products: readonly Product[]): TikTokShopClient {
  return {
    async call({ query = {}, body }: ShopCall) {
      const { create_time_ge: from, create_time_le: last } = body as Record<string, number>;
      const found = products
        .filter(({ create_time: time }) => time >= (from ?? 0) && time <= (last ?? now))
        .slice(0, mostListed);
      const offset = Number(query.page_token ?? 0);
      const page = found.slice(offset, offset + 100);
      const next = offset + 100 < found.length ? String(offset + 100) : '';
      return {
        data: { products: page.map(listed), next_page_token: next, total_count: found.length },
        ...{ requestId: null, responseSha256: Buffer.alloc(32), responseBytes: 0 },
        observedAt: new Date(now * 1_000),
      };
    },
  };
}

function listed({ id, create_time }: Product) {
  return { id, title: `Product ${id}`, status: 'ACTIVATE', create_time, update_time: create_time, skus: [] };
}

let database: TestDatabase;
let sql: Sql;

beforeEach(async () => {
  database = await createTestDatabase();
  sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 4 });
});

afterEach(async () => {
  await sql.end({ timeout: 5 });
  await database.drop();
});

/** A whole read of the catalogue: how it ended, and how many products are stored. */
async function readCatalogue(products: readonly Product[]): Promise<{ status: string; stored: number }> {
  const shopId = await addShop(sql, {});
  const run = {
    runId: 'run_1',
    shopId,
    stream: 'products',
    mode: 'full',
    trigger: 'api',
    window: null,
  } as const;
  await sql.begin((tx) => insertRun(tx, { ...run, workflowId: 'productSync/1' }));
  await takeNextRun(sql, shopId, 'products');
  const drift = createDriftLedger({ sql, log: { warn: (fields) => expect.fail(JSON.stringify(fields)) } });
  const clock = createUpstreamClock({ wall: () => now * 1_000, monotonic: () => 0 });
  await walkProducts({ sql, client: catalogueOf(products), clock, drift }, noControl, run.runId);
  await finishProductSync(sql, run.runId);
  const [result] = await sql<{ status: string; stored: number }[]>`
    select status, (select count(*) from products where shop_id = ${shopId}) as stored from sync_runs`;
  if (result === undefined) throw new Error('There is no run.');
  return { status: result.status, stored: Number(result.stored) };
}

describe('a catalogue of more products than one search lists', () => {
  it('is read whole, in ranges of creation times', async () => {
    const products = Array.from({ length: 12_500 }, (_, nth) => ({
      id: String(nth),
      create_time: now - 90_000_000 + nth * 7_001,
    }));
    expect(await readCatalogue(products)).toEqual({ status: 'completed', stored: 12_500 });
  });

  it('is not called complete where it cannot be: created in one second', async () => {
    const products = Array.from({ length: 10_100 }, (_, nth) => ({
      id: String(nth),
      create_time: now - 500,
    }));
    expect(await readCatalogue(products)).toEqual({ status: 'completed_with_differences', stored: 10_000 });
  });
});
