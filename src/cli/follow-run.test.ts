import { expect, test } from 'vitest';
import type { Run, RunStatus } from '../sync/types.ts';
import { followRun } from './follow-run.ts';
import type { ProgressState } from './progress.ts';

function runAs(status: RunStatus, done: number): Run {
  return {
    status,
    progress: { orders_done: done, orders_expected: 10, percent: done * 10, rate_per_s: 2, eta_s: 3 },
    counts: { fetched: done },
  } as Run;
}

function follow(runs: Run[], signal = new AbortController().signal) {
  const shown: ProgressState[] = [];
  const display = {
    update: (_: string, state: ProgressState) => void shown.push(state),
    end: () => undefined,
  };
  const read = async (): Promise<Run> => runs.shift() ?? runAs('running', 9);
  return { shown, ended: followRun({ read, display, label: 'shop-1', signal }) };
}

test('a run is shown until it is finished, without an ETA at the end', async () => {
  const { shown, ended } = follow([
    runAs('queued', 0),
    runAs('running', 4),
    runAs('completed_with_differences', 10),
  ]);
  expect((await ended).status).toBe('completed_with_differences');
  expect(shown).toEqual([
    { done: 0, expected: 10, ratePerSecond: 2, etaSeconds: null, note: 'queued' },
    { done: 4, expected: 10, ratePerSecond: 2, etaSeconds: 3 },
    { done: 10, expected: 10, ratePerSecond: 2, etaSeconds: null, note: 'completed with differences' },
  ]);
});

test('a paused run is not waited for: only a person can let it go on', async () => {
  expect((await follow([runAs('paused', 4)]).ended).status).toBe('paused');
});

test('breaking off stops the watching at once', async () => {
  const interruption = new AbortController();
  const { ended } = follow([], interruption.signal);
  setTimeout(() => interruption.abort(new Error('enough')), 20);
  await expect(ended).rejects.toThrow();
});
