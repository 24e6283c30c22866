import { randomUUID } from 'node:crypto';
import { claimRunDay, planRunDays } from '../../src/analytics/run-days.ts';
import { declarationOf, metricColumns, type StreamName } from '../../src/analytics/streams.ts';
import { sumDays } from '../../src/analytics/sum-days.ts';
import { type DayCounts, type DayRow, type DayToWrite, writeDay } from '../../src/analytics/write-day.ts';
import type { Sql } from '../../src/db/pool.ts';

/** A repeatable source of chance. */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** A run of analytics that days can be written for. */
export async function startRun(sql: Sql, shopId: string): Promise<string> {
  const runId = `run_${randomUUID().replaceAll('-', '')}`;
  await sql`
    insert into sync_runs (run_id, shop_id, stream, mode, trigger, status, workflow_id, finished_at)
    values (${runId}, ${shopId}, 'analytics', 'window', 'api', 'completed', 'test', now())`;
  return runId;
}

/**
 * Claims and writes a day as the backfill does, in a run of its own where none is given. Odd days bring those that were
 * written before into the sums: some are in them, some are not yet.
 */
export async function writeTestDay(
  sql: Sql,
  day: Pick<DayToWrite, 'shopId' | 'stream' | 'date' | 'rows'> & Partial<DayToWrite>,
): Promise<DayCounts> {
  const runId = day.runId ?? (await startRun(sql, day.shopId));
  const unit = { stream: day.stream, date: day.date };
  await planRunDays(sql, runId, [unit]);
  const claim = await claimRunDay(sql, { runId, ...unit });
  if (claim === null) throw new Error('The day is over.');
  const counts = await writeDay(sql, {
    today: '2026-11-21',
    observedAt: new Date(),
    currency: 'USD',
    latestAvailableDate: null,
    ...day,
    runId,
    attempt: claim.attempt,
  });
  if (Number(day.date.slice(-1)) % 2 === 1) await sumDays(sql, day);
  return counts;
}

/** Figures as TikTok might tell them: cents, whole numbers, some missing. */
export function randomFigures(next: (below: number) => number, stream: StreamName): DayRow {
  const declaration = declarationOf(stream);
  return Object.fromEntries(
    metricColumns(declaration).map(([name, type]) => {
      const metric = declaration.metrics[name];
      const optional = metric !== undefined && !('always' in metric);
      if (optional && next(3) === 0) return [name, null];
      if (type === 'bigint') return [name, String(next(500))];
      return [name, `${next(10) === 0 ? '-' : ''}${next(2000)}.${String(next(100)).padStart(2, '0')}`];
    }),
  );
}
