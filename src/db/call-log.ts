import type { CallLog, CallLogEntry } from '../sources/tiktok-shop/ports.ts';
import type { Sql } from './pool.ts';

export interface CallLogOptions {
  sql: Sql;
  log: { warn(fields: object, message: string): void };
}

export interface BatchedCallLog extends CallLog {
  /** Writes what is waiting; for shutdown and tests. */
  flush(): Promise<void>;
  /** Flushes and stops; entries that come later are lost. */
  close(): Promise<void>;
}

const batchSize = 200;
const batchMs = 500;
/** Entries kept while the database is away; the oldest are dropped first. */
const queueSize = 5_000;
const keepDays = 7;
const pruneMs = 60 * 60 * 1000;

/**
 * Writes the log of upstream calls behind its callers, adds them to the figures of their runs and to the totals for
 * ever, and throws away what is older than a week.
 */
export function createCallLog({ sql, log }: CallLogOptions): BatchedCallLog {
  let queue: CallLogEntry[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  async function insert(entries: readonly CallLogEntry[]): Promise<void> {
    // A lost second of this log costs nothing; a flush to disk for each batch would.
    await sql`
      with quick as materialized (select set_config('synchronous_commit', 'off', true)),
      entry as materialized (
        select entry.* from quick, jsonb_to_recordset(${sql.json(entries.map(toRow))}) as entry(at timestamptz,
          shop_id text, run_id text, endpoint_family text, method text, path text, attempt integer, http_status integer, code bigint,
          request_id text, outcome text, duration_ms integer, response_bytes integer)
      ),
      counted as (
        update sync_runs set api_calls = sync_runs.api_calls + calls.made, throttled = sync_runs.throttled + calls.throttled
        from (
          select run_id, count(*) as made,
            count(*) filter (where outcome in ('rate-limited', 'quota-exhausted')) as throttled
          from entry where run_id is not null group by run_id order by run_id
        ) calls
        where sync_runs.run_id = calls.run_id
      ),
      totalled as (
        insert into api_call_totals as total (shop_id, endpoint_family, outcome, calls, duration_ms)
        select coalesce(shop_id, ''), coalesce(endpoint_family, 'authorization.tokens'), outcome, count(*),
          sum(duration_ms)
        from entry group by 1, 2, 3 order by 1, 2, 3
        on conflict (shop_id, endpoint_family, outcome) do update set
          calls = total.calls + excluded.calls, duration_ms = total.duration_ms + excluded.duration_ms
      )
      insert into api_calls (at, shop_id, run_id, method, path, attempt, http_status, code, request_id, outcome,
        duration_ms, response_bytes)
      select at, shop_id, run_id, method, path, attempt, http_status, code, request_id, outcome, duration_ms,
        response_bytes
      from entry`;
  }

  async function prune(): Promise<void> {
    if (performance.now() - prunedAt < pruneMs) return;
    prunedAt = performance.now();
    await sql`delete from api_calls where at < now() - make_interval(days => ${keepDays})`;
  }

  async function write(): Promise<void> {
    const entries = queue;
    queue = [];
    let done = 0;
    try {
      for (; done < entries.length; done += batchSize) await insert(entries.slice(done, done + batchSize));
      await prune();
    } catch (error) {
      // The log must not stop the work that it describes: what was not written waits for the next round.
      queue = [...entries.slice(done), ...queue];
      trim();
      log.warn({ err: error, waiting: queue.length }, 'The log of upstream calls could not be written.');
    }
    if (dropped > 0) {
      log.warn({ dropped }, 'Entries of the log of upstream calls were dropped.');
      dropped = 0;
    }
  }

  function trim(): void {
    if (queue.length <= queueSize) return;
    dropped += queue.length - queueSize;
    queue = queue.slice(-queueSize);
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = (writing ?? Promise.resolve()).then(write);
    return writing;
  }

  return {
    record(entry) {
      if (closed) return;
      queue.push(entry);
      trim();
      if (queue.length === batchSize) void flush();
      else timer ??= setTimeout(() => void flush(), batchMs).unref();
    },
    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}

function toRow(entry: CallLogEntry) {
  return {
    at: entry.at.toISOString(),
    shop_id: entry.shopId,
    run_id: entry.runId,
    endpoint_family: entry.endpointFamily,
    method: entry.method,
    path: printable(entry.path),
    attempt: entry.attempt,
    http_status: entry.httpStatus,
    code: entry.code,
    request_id: entry.requestId === null ? null : printable(entry.requestId),
    outcome: entry.outcome,
    duration_ms: entry.durationMs,
    response_bytes: entry.responseBytes,
  };
}

/** PostgreSQL refuses NUL in a text, and one such request id would hold up the whole batch. */
function printable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}
