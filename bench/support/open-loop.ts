import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export interface OpenLoopOptions {
  perSecond: number;
  seconds: number;
  /** Makes the nth request; its promise ends when the answer was read whole. */
  request(nth: number): Promise<void>;
}

/**
 * Sends requests on a fixed timetable, whether or not the ones before were answered, and returns for each the
 * milliseconds from the moment when it was due: a server that stalls is charged for everyone whom it kept waiting.
 */
export async function runOpenLoop({ perSecond, seconds, request }: OpenLoopOptions): Promise<number[]> {
  const count = Math.round(perSecond * seconds);
  const latencies = new Array<number>(count);
  const start = performance.now() + 50;
  const open: Promise<void>[] = [];
  for (let nth = 0; nth < count; nth++) {
    const due = start + (nth * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    open.push(
      request(nth).then(() => {
        latencies[nth] = performance.now() - due;
      }),
    );
  }
  await Promise.all(open);
  return latencies;
}

/** The value that `share` (0 to 1) of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
