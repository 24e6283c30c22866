import type { Column } from '../db/column-arrays.ts';

/**
 * How a figure behaves over several days. `money` and `count` are summed. `daily` is of one day alone, such as people
 * counted once a day, or a rate whose terms TikTok does not tell: over several days it is not known. `ratio` is made
 * of two sums when it is asked for and never stored.
 */
export type Metric =
  | { kind: 'money' | 'count'; always?: true }
  | { kind: 'daily'; money?: true; percentage?: true }
  | { kind: 'ratio'; of: string; to: string; times?: number; percentage?: true };

/** What the engine knows of a stream of figures; tables, writing, sums and lists follow from it. */
export interface StreamDeclaration {
  /** One row for each shop, day and key. */
  table: string;
  /** What a row is of, beside its shop and day. */
  keys: readonly Column[];
  /** What is stored beside the figures and is none. */
  attributes: readonly Column[];
  /** Where the things that keys name are described, once for all days. */
  describedIn: Description | null;
  metrics: Readonly<Record<string, Metric>>;
  /**
   * Read where it is asked for by name only, and after everything else: it takes a call for each thing that sold on a
   * day. See `docs/decisions/`.
   */
  onRequest?: true;
  /** Table of the sums since New Year; only where keys are many and live long, see `to-date.ts`. */
  toDate: string | null;
}

export interface Description {
  table: string;
  key: string;
  columns: readonly Column[];
  /** Whether the stream's own pages bring it; else a sync of its own does. */
  broughtByStream: boolean;
}

export const money: Metric = { kind: 'money' };
export const count: Metric = { kind: 'count' };
export const daily: Metric = { kind: 'daily' };
/** 0 to 100, as all percentages. */
export const dailyPercentage: Metric = { kind: 'daily', percentage: true };
/** Of figures that every row has: a row without is no row. */
export const moneyAlways: Metric = { kind: 'money', always: true };
export const countAlways: Metric = { kind: 'count', always: true };

export function percentageOf(of: string, to: string): Metric {
  return { kind: 'ratio', of, to, percentage: true };
}
