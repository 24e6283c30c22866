import type {
  BackfillRequest,
  RunError,
  RunMode,
  RunSource,
  RunStatus,
  RunStream,
  RunTrigger,
} from '../../sync/types.ts';
import type { Sql, Transaction } from '../pool.ts';

/** A run as its workflow and its activities need it. Times are Unix seconds. */
export interface RunRecord {
  runId: string;
  shopId: string;
  stream: RunStream;
  mode: RunMode;
  status: RunStatus;
  windowFrom: number | null;
  windowTo: number | null;
  /** T0; null until the run is planned. */
  bound: number | null;
  /** Of a run of analytics: what was asked for; null is all streams, and the days that its mode says. */
  streams: readonly string[] | null;
  /** The shop's days, both inclusive. */
  dateFrom: string | null;
  dateTo: string | null;
  source: RunSource;
}

const columns = (sql: Sql | Transaction) => sql`
  run_id as "runId", shop_id as "shopId", stream, mode, status,
  extract(epoch from window_from)::bigint as "windowFrom", extract(epoch from window_to)::bigint as "windowTo",
  extract(epoch from bound_at)::bigint as bound, streams, date_from::text as "dateFrom", date_to::text as "dateTo", source`;

export async function loadRun(sql: Sql, runId: string): Promise<RunRecord> {
  const [run] = await sql<RunRecord[]>`select ${columns(sql)} from sync_runs where run_id = ${runId}`;
  if (run === undefined) throw new Error(`Run ${runId} does not exist.`);
  return run;
}

/** The run that the shop's workflow works on next: the one that is on, else the oldest queued one, which begins. */
export async function takeNextRun(sql: Sql, shopId: string, stream: RunStream): Promise<RunRecord | null> {
  const [active] = await sql<RunRecord[]>`
    select ${columns(sql)} from sync_runs
    where shop_id = ${shopId} and stream = ${stream} and status in ('running', 'paused')`;
  if (active !== undefined) return active;
  const [next] = await sql<RunRecord[]>`
    update sync_runs set status = 'running', started_at = now()
    where run_id = (
      select run_id from sync_runs where shop_id = ${shopId} and stream = ${stream} and status = 'queued'
      order by queued_at, run_id limit 1)
      and status = 'queued'
    returning ${columns(sql)}`;
  return next ?? null;
}

export interface NewRun {
  runId: string;
  shopId: string;
  stream: RunStream;
  mode: RunMode;
  trigger: RunTrigger;
  workflowId: string;
  window: { from: Date; to: Date } | null;
  backfill?: BackfillRequest | null;
}

export async function insertRun(tx: Transaction, run: NewRun): Promise<void> {
  const { streams = null, dateFrom = null, dateTo = null, source = 'open_api' } = run.backfill ?? {};
  await tx`
    insert into sync_runs (run_id, shop_id, stream, mode, trigger, workflow_id, window_from, window_to, streams,
      date_from, date_to, source)
    values (${run.runId}, ${run.shopId}, ${run.stream}, ${run.mode}, ${run.trigger}, ${run.workflowId},
      ${run.window?.from ?? null}, ${run.window?.to ?? null}, ${streams === null ? null : [...streams]},
      ${dateFrom}::text::date, ${dateTo}::text::date, ${source})`;
}

/**
 * Pauses a run; one whose grant died parks its shop. When the seller connected the shop again before the run came to
 * its pause, nothing is changed and the run may go on: it would wait for a connection that has happened.
 */
export async function pauseRun(
  sql: Sql,
  runId: string,
  reason: 'requested' | 'parked',
  error: RunError | null,
): Promise<'paused' | 'reconnected'> {
  return sql.begin(async (tx) => {
    // A consent holds this row too: it comes wholly before the pause or wholly after it.
    const [shop] = await tx<{ shop_id: string; connected: boolean }[]>`
      select shop_id, status = 'active' and exists (
        select 1 from credentials c where c.credential_id = shops.credential_id and c.status = 'active') as connected
      from shops where shop_id = (select shop_id from sync_runs where run_id = ${runId}) for no key update`;
    // A dead grant has parked its shops before any run hears of it.
    if (reason === 'parked' && error?.code === 'grant-revoked' && shop?.connected) return 'reconnected';
    await tx`
      update sync_runs set status = 'paused', pause_reason = ${reason},
        error = ${error ? tx.json({ ...error }) : null}
      where run_id = ${runId} and status in ('running', 'paused')`;
    if (reason === 'parked' && shop !== undefined) {
      await tx`
        update shops set status = 'parked', parked_reason = coalesce(parked_reason, ${error?.code ?? 'disconnected'}),
          last_error = coalesce(last_error, ${error ? tx.json({ ...error }) : null}), updated_at = now()
        where status = 'active' and shop_id = ${shop.shop_id}`;
    }
    return 'paused';
  });
}

export async function resumeRun(sql: Sql, runId: string): Promise<void> {
  await sql`
    update sync_runs set status = 'running', pause_reason = null, error = null
    where run_id = ${runId} and status = 'paused'`;
}

/** Ends a run without a result; what it has stored stays, its cursors too. */
export async function endRun(
  sql: Sql,
  runId: string,
  status: 'failed' | 'cancelled',
  error: RunError | null,
): Promise<void> {
  await sql`
    update sync_runs set status = ${status}, pause_reason = null, finished_at = now(),
      error = ${error ? sql.json({ ...error }) : null}
    where run_id = ${runId} and status in ('queued', 'running', 'paused')`;
}

/** The latest trouble of a run that goes on retrying, or null when it is over. */
export async function noteRunError(sql: Sql, runId: string, error: RunError | null): Promise<void> {
  await sql`
    update sync_runs set error = ${error ? sql.json({ ...error }) : null}
    where run_id = ${runId} and status = 'running'`;
}

export async function planRun(
  tx: Transaction,
  runId: string,
  plan: { bound: number; expected: number },
): Promise<void> {
  await tx`
    update sync_runs set bound_at = to_timestamp(${plan.bound}), records_expected = ${plan.expected}
    where run_id = ${runId}`;
}
