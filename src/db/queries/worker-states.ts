import type { Sql } from '../pool.ts';

/** Calls that wait in a worker for the budget. */
export interface WaitingCalls {
  shopId: string;
  endpointFamily: string;
  lane: string;
  calls: number;
}

/** What a worker process says of itself. */
export interface WorkerState {
  workerId: string;
  startedAt: Date;
  residentBytes: number;
  cpuSeconds: number;
  /** Longest time that its event loop was late since it last said so. */
  eventLoopLagSeconds: number;
  waiting: WaitingCalls[];
}

/** A worker that said nothing for this long is gone. */
const secondsToLive = 20;

export async function writeWorkerState(sql: Sql, state: WorkerState): Promise<void> {
  const { workerId, startedAt, residentBytes, cpuSeconds, eventLoopLagSeconds, waiting } = state;
  await sql`
    insert into worker_states (worker_id, started_at, seen_at, resident_bytes, cpu_seconds, event_loop_lag_seconds,
      waiting)
    values (${workerId}, ${startedAt}, now(), ${residentBytes}, ${cpuSeconds}, ${eventLoopLagSeconds},
      ${sql.json(waiting.map((entry) => ({ ...entry })))})
    on conflict (worker_id) do update set seen_at = excluded.seen_at, resident_bytes = excluded.resident_bytes,
      cpu_seconds = excluded.cpu_seconds, event_loop_lag_seconds = excluded.event_loop_lag_seconds,
      waiting = excluded.waiting
    returning set_config('synchronous_commit', 'off', true) as quick_commit`;
}

/** A worker that stops says so; of those that died nothing stays for long. */
export async function removeWorkerState(sql: Sql, workerId: string): Promise<void> {
  await sql`
    delete from worker_states
    where worker_id = ${workerId} or seen_at < now() - make_interval(secs => ${secondsToLive * 10})`;
}

export function listWorkerStates(sql: Sql): Promise<WorkerState[]> {
  return sql<WorkerState[]>`
    select worker_id as "workerId", started_at as "startedAt", resident_bytes as "residentBytes",
      cpu_seconds as "cpuSeconds", event_loop_lag_seconds as "eventLoopLagSeconds", waiting
    from worker_states where seen_at > now() - make_interval(secs => ${secondsToLive}) order by worker_id`;
}
