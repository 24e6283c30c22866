import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../index.ts';
import { createShopProfile } from '../orders/shop-profile.ts';
import { regionOf } from '../regions.ts';
import { TestClient } from '../testing/client.ts';
import { loadOrderFile } from './order-file.ts';

const retail = join(import.meta.dirname, '../../../shared/data/retail-2017/orders.ndjson.gz');
if (!existsSync(retail)) console.warn('the file of real orders skipped: ../shared is not there');
const profile = createShopProfile(1, 0, regionOf(0));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tideline-order-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function served(lines: string[], options: { shiftToNow?: boolean } = {}) {
  const file = join(folder, 'orders.ndjson');
  await writeFile(file, lines.join('\n'));
  const reports: string[] = [];
  const simulator = await startSimulator({ ordersFile: file, ...options }, (line) => reports.push(line));
  try {
    const client = await TestClient.connect(simulator);
    return {
      orders: await client.walk({}, { sort_order: 'ASC' }),
      truth: await client.truth(),
      reports,
      simulator,
    };
  } finally {
    await simulator.stop();
  }
}

const neutral = (id: string, lines: unknown, time = '2017-01-01T11:53:26Z'): string =>
  JSON.stringify({ id, time, store: '330', buyer: '900', lines });

describe('order files in the neutral shape', () => {
  it('make one line item a unit, spreading cents exactly', async () => {
    await writeFile(
      join(folder, 'products.csv'),
      'product_id,manufacturer_id,department,brand,category,type,package_size\n7,1,GROCERY,Private,"BREAD, WHITE","BREAD ""SOFT""",12 OZ\n',
    );
    const { orders } = await served([
      neutral('100', [
        ['7', 3, '1.00', '0.50', '0.01'],
        ['8', 0, '2.50', '0.00', '0.00'],
        ['8', 9_000, '31.99', '0.00', '0.00'],
        ['8', 50, '0.00', '0.00', '0.00'],
      ]),
    ]);
    const [order] = orders;
    expect(order).toMatchObject({
      id: '100',
      status: 'COMPLETED',
      create_time: 1483271606,
      update_time: 1483271606,
      user_id: '900',
    });
    expect(order?.payment).toMatchObject({
      currency: 'USD',
      total_amount: '35.49',
      sub_total: '35.49',
      tax: '0.00',
      shipping_fee: '0.00',
    });
    expect(order?.line_items).toHaveLength(55);
    expect(order?.line_items.slice(0, 5).map((line) => line.sale_price)).toEqual([
      '0.34',
      '0.33',
      '0.33',
      '2.50',
      '31.99',
    ]);
    expect(order?.line_items.slice(0, 3).map((line) => line.seller_discount)).toEqual([
      '0.17',
      '0.17',
      '0.16',
    ]);
    expect(order?.line_items.slice(0, 3).map((line) => line.platform_discount)).toEqual([
      '0.01',
      '0.00',
      '0.00',
    ]);
    expect(order?.line_items[0]).toMatchObject({
      product_id: '7',
      product_name: 'BREAD "SOFT" (Private)',
      sku_name: '12 OZ',
    });
    expect(order?.line_items[3]).toMatchObject({ product_name: 'Product 8' });
    expect(new Set(order?.line_items.map((line) => line.id)).size).toBe(55);
  });

  it('skip what does not fit, with number and reason', async () => {
    const good = ['7', 1, '1.00', '0.00', '0.00'];
    const { orders, reports } = await served([
      '{broken',
      neutral('1', [good]),
      '',
      '[]',
      neutral('1', [good]),
      neutral('2', [['7', 1, '1e3', '0.00', '0.00']]),
      neutral('3', [good], '2017-13-45'),
      neutral('4', [['7', 1, '-1.00', '0.00', '0.00']]),
      neutral('5', []),
      neutral('6', [['7', 'one', '1.00', '0.00', '0.00']]),
      neutral('7', [good]),
    ]);
    expect(orders.map((order) => order.id)).toEqual(['1', '7']);
    expect(reports.slice(0, -1).map((line) => Number(/^Line (\d+) /.exec(line)?.[1]))).toEqual([
      1, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(reports.at(-1)).toBe('8 lines of the order file are skipped in all.');
    expect(reports[3]).toContain('lines[0]: amount "1e3" is not a plain decimal');
  });

  it('move to now when asked', async () => {
    const good = ['7', 1, '1.00', '0.00', '0.00'];
    const { orders } = await served(
      [neutral('1', [good], '2017-01-01T00:00:00Z'), neutral('2', [good], '2017-01-02T00:00:00Z')],
      { shiftToNow: true },
    );
    const times = orders.map((order) => order.create_time);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(86_400);
    expect(Math.abs((times[1] ?? 0) - Date.now() / 1000)).toBeLessThan(20);
  });

  it('fail clearly when there is nothing to serve', async () => {
    const file = join(folder, 'cut.ndjson.gz');
    await writeFile(file, gzipSync('{"id":"1"}\n').subarray(0, 20));
    await expect(loadOrderFile(file, profile, null, () => undefined)).rejects.toThrow(/cannot be read/);
    await expect(loadOrderFile(join(folder, 'absent.gz'), profile, null, () => undefined)).rejects.toThrow(
      /ENOENT/,
    );
    await writeFile(join(folder, 'other.ndjson'), '{"id":"1"}\n');
    await expect(loadOrderFile(join(folder, 'other.ndjson'), profile, null, () => undefined)).rejects.toThrow(
      /holds no order/,
    );
  });
});

describe("order files in TikTok's shape", () => {
  it('are served as they are, and can be changed', async () => {
    const source = await startSimulator({ ordersCount: 150, seed: 9 });
    const original = await TestClient.connect(source);
    const orders = await original.walk({}, { sort_order: 'ASC' });
    const truth = await original.truth();
    await source.stop();
    const copy = await served(orders.map((order) => JSON.stringify(order)));
    expect(copy.orders).toEqual(orders);
    expect(copy.truth.map(({ line_sum: _, ...rest }) => rest)).toEqual(
      truth.map(({ line_sum: _, ...rest }) => rest),
    );
  });
});

describe.skipIf(!existsSync(retail))('the real orders of 2017', () => {
  it('have the sums that their README names', { timeout: 120_000 }, async () => {
    const { orders, skipped, shape } = await loadOrderFile(retail, profile, null, () => undefined);
    let lines = 0;
    let cents = 0;
    for (let index = 0; index < orders.count; index += 1) {
      const facts = orders.facts(index, orders.initial(index));
      lines += facts.lineCount;
      cents += Math.round(Number(facts.totalAmount) * 100);
    }
    expect({ shape, skipped, orders: orders.count, lines, cents }).toEqual({
      shape: 'neutral',
      skipped: 0,
      orders: 155_848,
      lines: 1_925_751,
      cents: 459_603_958,
    });
  });
});
