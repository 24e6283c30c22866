import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { workflowUrl } from '../temporal/connection.ts';
import type { Progress, Run, RunError, RunMode, RunStatus, RunStream } from './types.ts';

export interface RunLinks {
  temporalUiUrl: string | null;
  namespace: string;
}

const noLinks: RunLinks = { temporalUiUrl: null, namespace: 'default' };

interface RunRow {
  run_id: string;
  shop_id: string;
  stream: RunStream;
  mode: RunMode;
  status: RunStatus;
  started_at: Date | null;
  finished_at: Date | null;
  window_from: Date | null;
  window_to: Date | null;
  expected: number | null;
  done: number;
  seconds: number;
  fetched: number;
  written: number;
  unchanged: number;
  quarantined: number;
  api_calls: number;
  throttled: number;
  error: RunError | null;
  workflow_id: string;
}

function selectRuns(sql: Sql | Transaction) {
  return sql`
    select r.run_id, r.shop_id, r.stream, r.mode, r.status, r.started_at, r.finished_at, r.window_from, r.window_to,
      case r.stream when 'analytics' then days.planned else coalesce(r.records_expected, s.upstream) end as expected,
      case r.stream when 'reconcile' then compared.orders when 'analytics' then days.settled else s.done end as done,
      s.fetched + days.fetched as fetched, s.written + days.written as written,
      s.unchanged + days.unchanged as unchanged, s.quarantined + days.quarantined as quarantined, r.api_calls, r.throttled, r.error, r.workflow_id,
      extract(epoch from coalesce(r.finished_at, now()) - r.started_at)::float8 as seconds
    from sync_runs r cross join lateral (
      select coalesce(sum(fetched), 0)::bigint as fetched, coalesce(sum(written), 0)::bigint as written,
        coalesce(sum(unchanged), 0)::bigint as unchanged, coalesce(sum(quarantined), 0)::bigint as quarantined,
        sum(upstream_total) filter (where status not in ('split', 'abandoned'))::bigint as upstream,
        coalesce(sum(least(fetched, coalesce(upstream_total, fetched))) filter (where
          status not in ('split', 'abandoned') and (axis = 'create_time' or r.mode = 'incremental')), 0)::bigint as done
      from sync_slices where run_id = r.run_id
    ) s cross join lateral (
      select coalesce(sum(upstream_count) filter (where reason = 'totals' and status <> 'split'), 0)::bigint as orders
      from reconciliation_windows where run_id = r.run_id
    ) compared cross join lateral (
      select count(*) as planned, count(*) filter (where status not in ('waiting', 'running')) as settled,
        coalesce(sum(fetched), 0)::bigint as fetched, coalesce(sum(written + removed), 0)::bigint as written,
        coalesce(sum(unchanged), 0)::bigint as unchanged, coalesce(sum(quarantined), 0)::bigint as quarantined
      from analytics_run_days where run_id = r.run_id
    ) days`;
}

/** The rate is over the whole run: slices come and go too fast for a shorter one to say anything. */
function progressOf(row: RunRow): Progress | null {
  if (row.status === 'queued') return null;
  const rate = row.seconds > 0 ? row.done / row.seconds : 0;
  const finished = row.finished_at !== null;
  const counted = row.expected === null ? null : Math.max(row.expected, row.done);
  // Nothing of nothing is all once the run is over; until then nobody knows yet what it has to do.
  const expected = counted === 0 && !finished ? null : counted;
  const left = expected === null ? null : expected - row.done;
  return {
    orders_done: row.done,
    orders_expected: expected,
    percent: expected === null ? null : expected === 0 ? 100 : Math.round((row.done / expected) * 1000) / 10,
    rate_per_s: Math.round(rate * 10) / 10,
    eta_s: finished ? 0 : left === null || rate === 0 ? null : Math.ceil(left / rate),
  };
}

function toRun(row: RunRow, links: RunLinks): Run {
  const window = row.window_from !== null && row.window_to !== null;
  return {
    run_id: row.run_id,
    shop_id: row.shop_id,
    stream: row.stream,
    mode: row.mode,
    status: row.status,
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
    window: window
      ? { from: row.window_from?.toISOString() ?? '', to: row.window_to?.toISOString() ?? '' }
      : null,
    progress: progressOf(row),
    counts: {
      fetched: row.fetched,
      written: row.written,
      unchanged: row.unchanged,
      quarantined: row.quarantined,
      api_calls: row.api_calls,
      throttled: row.throttled,
    },
    error: row.error,
    workflow_id: row.workflow_id,
    temporal_ui_url: workflowUrl(links.temporalUiUrl, links.namespace, row.workflow_id),
  };
}

/**
 * One run, with its progress as the database knows it.
 *
 * @throws TidelineError 404 when there is none, or none in one of `shopIds`.
 */
export async function readRun(
  sql: Sql,
  runId: string,
  options: { shopIds?: readonly string[] | null; links?: RunLinks } = {},
): Promise<Run> {
  const { shopIds = null, links = noLinks } = options;
  const [row] = await sql<RunRow[]>`${selectRuns(sql)} where r.run_id = ${runId}
    and (${shopIds === null} or r.shop_id = any(${[...(shopIds ?? [])]}))`;
  if (row === undefined) {
    const message = `There is no run ${runId.slice(0, 60)}.`;
    throw new TidelineError({ code: 'run-not-found', message, actor: 'user', status: 404 });
  }
  return toRun(row, links);
}

export interface RunFilter {
  /** null: every shop. */
  shopIds: readonly string[] | null;
  stream?: RunStream | undefined;
  status?: RunStatus | undefined;
  limit: number;
  /** The run id after which the list goes on. */
  after?: string | undefined;
  links?: RunLinks;
}

/** Runs, newest first. */
export async function listRuns(sql: Sql | Transaction, filter: RunFilter): Promise<Run[]> {
  const { shopIds, stream = null, status = null, after = null, limit, links = noLinks } = filter;
  const rows = await sql<RunRow[]>`${selectRuns(sql)}
    where (${shopIds === null} or r.shop_id = any(${[...(shopIds ?? [])]}))
      and (${stream}::text is null or r.stream = ${stream}) and (${status}::text is null or r.status = ${status})
      and (${after}::text is null or r.run_id < ${after})
    order by r.run_id desc limit ${limit}`;
  return rows.map((row) => toRun(row, links));
}
