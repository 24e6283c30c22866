import type { Logger } from 'pino';
import type { Sql } from '../db/pool.ts';
import { readCoverage } from './coverage.ts';

/** A parameter that fewer events of a destination carry than before, and than are wanted. */
export interface CoverageDrop {
  destination: string;
  parameter: string;
  /** Of the events of the last day. */
  percent: number;
  /** Of those of the day before. */
  previousPercent: number;
  target: number;
}

/** What coverage is compared over. */
const comparedMs = 24 * 3_600_000;
const intervalMs = 3_600_000;
/** A handful of events says nothing about how pages collect. */
const fewestEvents = 20;

/** Where the coverage of the last day fell below its target and below that of the day before. */
export async function findCoverageDrops(sql: Sql, now: Date = new Date()): Promise<CoverageDrop[]> {
  const destinations = await sql<{ id: string }[]>`
    select destination_id as id from destinations where deleted_at is null order by destination_id`;
  const from = new Date(now.getTime() - comparedMs);
  const drops: CoverageDrop[] = [];
  for (const { id: destination } of destinations) {
    const { events, parameters } = await readCoverage(sql, { destination, eventName: null, from, to: now });
    if (events < fewestEvents) continue;
    for (const { parameter, percent, previous_percent: previousPercent, target, dropped } of parameters) {
      if (!dropped || percent === null || previousPercent === null || target === null) continue;
      drops.push({ destination, parameter, percent, previousPercent, target });
    }
  }
  return drops;
}

/**
 * Looks every hour for coverage that dropped and writes a line into the log for each drop, once until it is over.
 *
 * @returns stops it
 */
export function watchCoverage({
  sql,
  log,
}: {
  sql: Sql;
  log: Pick<Logger, 'warn' | 'debug'>;
}): () => Promise<void> {
  let known = new Set<string>();

  async function look(): Promise<void> {
    try {
      const drops = await findCoverageDrops(sql);
      for (const drop of drops) {
        if (!known.has(nameOf(drop))) log.warn({ ...drop }, 'the coverage of a parameter dropped');
      }
      known = new Set(drops.map(nameOf));
    } catch (error) {
      // The next hour has its own look; the route and the metrics show a drop meanwhile.
      log.debug({ err: error }, 'The coverage of parameters could not be read.');
    }
  }

  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

function nameOf({ destination, parameter }: CoverageDrop): string {
  return `${destination} ${parameter}`;
}
