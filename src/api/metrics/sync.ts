import { Gauge } from 'prom-client';
import type { Sql } from '../../db/pool.ts';
import {
  countOrdersByShop,
  readRunFigures,
  readShopFigures,
  readStreamFigures,
} from '../../db/reports/metrics.ts';
import type { MetricSource } from './source.ts';

/** Shops, their runs and how far behind upstream they are. */
export const syncMetrics: MetricSource = async ({ sql, shopIds, registry }) => {
  const registers = [registry];
  const shops = new Gauge({
    name: 'tideline_shop_status',
    help: '1 for the status of a shop: active, parked or disconnected.',
    labelNames: ['shop', 'status'],
    registers,
  });
  for (const { shopId, status } of await readShopFigures(sql, shopIds))
    shops.set({ shop: shopId, status }, 1);

  const runs = new Gauge({
    name: 'tideline_runs',
    help: 'Runs by their status; queued and running ones are the work in hand.',
    labelNames: ['shop', 'stream', 'mode', 'status'],
    registers,
  });
  for (const { shopId, stream, mode, status, runs: count } of await readRunFigures(sql, shopIds)) {
    runs.set({ shop: shopId, stream, mode, status }, count);
  }

  const lag = new Gauge({
    name: 'tideline_watermark_lag_seconds',
    help: 'Time since the watermark, up to which every change is stored; absent before a first full sync.',
    labelNames: ['shop', 'stream'],
    registers,
  });
  for (const { shopId, stream, lagSeconds } of await readStreamFigures(sql, shopIds)) {
    if (lagSeconds !== null) lag.set({ shop: shopId, stream }, lagSeconds);
  }
};

/** A scraper comes every few seconds; the orders of a big shop take a while to count. */
const countForMs = 60_000;

/** Stored orders, counted at most once a minute in each process. */
export function createOrderMetrics(): MetricSource {
  let counted: { at: number; rows: Awaited<ReturnType<typeof countOrdersByShop>> } | null = null;

  async function count(sql: Sql): Promise<Awaited<ReturnType<typeof countOrdersByShop>>> {
    if (counted === null || performance.now() - counted.at > countForMs) {
      counted = { at: performance.now(), rows: await countOrdersByShop(sql) };
    }
    return counted.rows;
  }

  return async ({ sql, shopIds, registry }) => {
    const orders = new Gauge({
      name: 'tideline_orders',
      help: 'Stored orders, counted at most once a minute.',
      labelNames: ['shop'],
      registers: [registry],
    });
    for (const { shopId, orders: stored } of await count(sql)) {
      if (shopIds === null || shopIds.includes(shopId)) orders.set({ shop: shopId }, stored);
    }
  };
}
