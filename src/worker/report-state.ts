import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Sql } from '../db/pool.ts';
import { removeWorkerState, type WaitingCalls, writeWorkerState } from '../db/queries/worker-states.ts';

const intervalMs = 5_000;

/**
 * Writes every few seconds how this worker fares, for `GET /metrics`: the API is another process.
 *
 * @returns stops it, and takes the worker off the list.
 */
export function reportState({
  sql,
  log,
  waiting,
}: {
  sql: Sql;
  log: Logger;
  waiting: () => WaitingCalls[];
}): () => Promise<void> {
  const workerId = `wrk_${randomBytes(8).toString('hex')}`;
  const startedAt = new Date();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();

  async function write(): Promise<void> {
    const { user, system } = process.cpuUsage();
    const eventLoopLagSeconds = delay.count > 0 ? delay.max / 1e9 : 0;
    delay.reset();
    const residentBytes = process.memoryUsage.rss();
    const cpuSeconds = (user + system) / 1e6;
    try {
      const state = { workerId, startedAt, residentBytes, cpuSeconds, eventLoopLagSeconds };
      await writeWorkerState(sql, { ...state, waiting: waiting() });
    } catch (error) {
      // The figures of a moment are not worth a failed worker; the next moment has its own.
      log.debug({ err: error }, 'The state of the worker could not be written.');
    }
  }

  let writing = write();
  const timer = setInterval(() => {
    writing = writing.then(write);
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    delay.disable();
    await writing;
    await removeWorkerState(sql, workerId);
  };
}
