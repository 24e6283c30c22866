import type { Sql } from '../db/pool.ts';
import { type Rhythm, readFreshness } from './freshness.ts';
import { listRuns, type RunLinks } from './read-runs.ts';
import type { Run, Stream, StreamStatus } from './types.ts';

interface StateRow {
  watermark: number | null;
  last_full_sync_at: Date | null;
  last_full_sync_result: 'complete' | 'completed_with_differences' | null;
  last_sync_at: Date | null;
  parked: boolean;
  last_error: StreamStatus['error'];
}

function durationMs(run: Run): number | null {
  if (run.started_at === null || run.finished_at === null) return null;
  return Date.parse(run.finished_at) - Date.parse(run.started_at);
}

function statusOf(run: Run | undefined, parked: boolean): StreamStatus['status'] {
  if (run?.status === 'paused') return parked ? 'error' : 'paused';
  if (run?.status === 'queued' || run?.status === 'running') return 'running';
  return parked || run?.status === 'failed' ? 'error' : 'idle';
}

export interface StatusOptions {
  links?: RunLinks;
  /** Where to ask for a shop's rhythm: who shows the status again and again takes one that is some seconds old. */
  rhythmOf?: (shopId: string) => Promise<Rhythm | null>;
  /**
   * Where to ask how many orders a shop has: likewise, but never one from before the end of `lastRun` (a run's id, or
   * empty where none has ended), for that is when the number is looked at.
   */
  ordersOf?: (shopId: string, lastRun: string) => Promise<number>;
}

/** How one stream of one shop stands (`GET /api/sync/status`). */
export async function readStreamStatus(
  sql: Sql,
  shopId: string,
  stream: Stream,
  { links, rhythmOf, ordersOf }: StatusOptions = {},
): Promise<StreamStatus> {
  const [[state], runs, freshness] = await Promise.all([
    sql<StateRow[]>`
      select watermark, last_full_sync_at, last_full_sync_result, last_sync_at, shops.status = 'parked' as parked,
        shops.last_error
      from shops left join stream_states on stream_states.shop_id = shops.shop_id and stream = ${stream}
      where shops.shop_id = ${shopId}`,
    listRuns(sql, { shopIds: [shopId], stream, limit: 5, ...(links ? { links } : {}) }),
    stream === 'orders' ? readFreshness(sql, shopId, rhythmOf) : null,
  ]);
  // A queued run waits behind the one that is on; that one is what is going on now.
  const present = runs.find((run) => run.status === 'running' || run.status === 'paused') ?? runs[0];
  const last = runs.find((run) => run.finished_at !== null) ?? present;
  const total =
    stream === 'orders' && ordersOf
      ? await ordersOf(shopId, last?.finished_at ? last.run_id : '')
      : await countRecords(sql, shopId, stream);
  return {
    status: statusOf(present, state?.parked ?? false),
    metadata: {
      last_full_sync_at: state?.last_full_sync_at?.toISOString() ?? null,
      last_full_sync_result: state?.last_full_sync_result ?? null,
      last_sync_at: state?.last_sync_at?.toISOString() ?? null,
      watermark: state?.watermark == null ? null : new Date(state.watermark * 1000).toISOString(),
      orders_total: total,
      freshness,
      last_run:
        last === undefined
          ? null
          : {
              run_id: last.run_id,
              mode: last.mode,
              orders_fetched: last.counts.fetched,
              orders_written: last.counts.written,
              api_calls: last.counts.api_calls,
              duration_ms: durationMs(last),
            },
    },
    progress: present && present.finished_at === null ? present.progress : null,
    error: present?.error ?? (state?.parked ? (state.last_error ?? null) : null),
  };
}

/** What a stream has stored: orders, products, or days of analytics. */
export async function countRecords(sql: Sql, shopId: string, stream: Stream): Promise<number> {
  const table = stream === 'orders' || stream === 'products' ? stream : 'analytics_days';
  const [counted] = await sql<{ records: number }[]>`
    select count(*) as records from ${sql(table)} where shop_id = ${shopId}`;
  return counted?.records ?? 0;
}
