import type { Registry } from 'prom-client';
import type { Sql } from '../../db/pool.ts';
import type { VisibleShops } from '../../db/reports/metrics.ts';

export interface MetricsRequest {
  sql: Sql;
  /** Shops that the asker may see; null: all. */
  shopIds: VisibleShops;
  /**
   * Lives for one answer: API and workers are separate processes, so values are read from PostgreSQL each time, and
   * a counter is a total that is added once.
   */
  registry: Registry;
}

/** Adds the figures of one subject to an answer of `GET /metrics`. */
export type MetricSource = (request: MetricsRequest) => Promise<void>;
