import type { Sql } from '../db/pool.ts';
import {
  type CoverageRequest,
  type CoverageRow,
  countParameters,
} from '../db/reports/conversion-coverage.ts';
import { coverageTargets, parameterNames } from './parameters.ts';

/** How many events carry a parameter. */
export interface ParameterCoverage {
  parameter: string;
  events: number;
  /** Null where there are no events. */
  percent: number | null;
  /** Of the events of the same length of time before; null where there were none. */
  previous_percent: number | null;
  /** Null where none is set. */
  target: number | null;
  /** Below its target, and further below it than before. */
  dropped: boolean;
}

interface Share {
  events: number;
  parameters: { parameter: string; events: number; percent: number | null }[];
}

export interface Coverage {
  events: number;
  parameters: ParameterCoverage[];
  /** A sentence for each parameter that dropped. */
  alerts: string[];
  by_event: ({ event_name: string } & Share)[];
  by_day: ({ date: string } & Share)[];
}

/** What share of a destination's events carries each of the parameters that platforms match by. */
export async function readCoverage(sql: Sql, request: CoverageRequest): Promise<Coverage> {
  const { from, to } = request;
  const before = { ...request, from: new Date(2 * from.getTime() - to.getTime()), to: from };
  const bits = parameterNames.length;
  const rows = await countParameters(sql, request, bits);
  const previous = sumOf(await countParameters(sql, before, bits));
  const { events, parameters } = sumOf(rows);
  const compared = parameters.map((one, place): ParameterCoverage => {
    const target = coverageTargets[one.parameter] ?? null;
    const previousPercent = previous.parameters[place]?.percent ?? null;
    const dropped =
      target !== null &&
      one.percent !== null &&
      previousPercent !== null &&
      one.percent < Math.min(target, previousPercent);
    return { ...one, previous_percent: previousPercent, target, dropped };
  });
  return {
    events,
    parameters: compared,
    alerts: compared.filter(({ dropped }) => dropped).map(inWords),
    by_event: grouped(rows, (row) => row.event_name).map(([name, share]) => ({ event_name: name, ...share })),
    by_day: grouped(rows, (row) => row.date).map(([date, share]) => ({ date, ...share })),
  };
}

function inWords({ parameter, percent, previous_percent: before, target }: ParameterCoverage): string {
  return `${parameter} fell from ${before} % to ${percent} % of the events; its target is ${target} %.`;
}

function grouped(rows: readonly CoverageRow[], keyOf: (row: CoverageRow) => string): [string, Share][] {
  const groups = new Map<string, CoverageRow[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups]
    .map(([key, group]): [string, Share] => [key, sumOf(group)])
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

function sumOf(rows: readonly CoverageRow[]): Share {
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  const parameters = parameterNames.map((parameter, place) => {
    const carrying = rows.reduce((sum, row) => sum + (row.carrying[place] ?? 0), 0);
    return {
      parameter,
      events: carrying,
      percent: events === 0 ? null : Math.round((carrying / events) * 10_000) / 100,
    };
  });
  return { events, parameters };
}
