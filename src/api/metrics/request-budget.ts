import { Counter, Gauge } from 'prom-client';
import { listWorkerStates } from '../../db/queries/worker-states.ts';
import { readBudgetFigures, readCallFigures, readQuotaFigures } from '../../db/reports/metrics.ts';
import type { MetricSource } from './source.ts';

const family = ['shop', 'endpoint'] as const;

/** What upstream admits, what of it is used, and what waits for it. */
export const budgetMetrics: MetricSource = async ({ sql, shopIds, registry }) => {
  const registers = [registry];
  const rate = new Gauge({
    name: 'tideline_budget_rate',
    help: 'Calls a second that are handed out at present.',
    labelNames: family,
    registers,
  });
  const learned = new Gauge({
    name: 'tideline_budget_learned_rate',
    help: 'Calls a second that TikTok Shop was found to admit; absent until it throttled once.',
    labelNames: family,
    registers,
  });
  const phase = new Gauge({
    name: 'tideline_budget_phase',
    help: '1 for what the budget is doing: searching, confirming, holding or probing.',
    labelNames: [...family, 'phase'],
    registers,
  });
  const blocked = new Gauge({
    name: 'tideline_budget_blocked_seconds',
    help: 'Until the end of the pause that TikTok Shop asked for.',
    labelNames: family,
    registers,
  });
  const admitted = new Counter({
    name: 'tideline_budget_calls_total',
    help: 'Calls that the budget handed out.',
    labelNames: family,
    registers,
  });
  const throttled = new Counter({
    name: 'tideline_budget_throttled_total',
    help: 'Calls that TikTok Shop throttled.',
    labelNames: family,
    registers,
  });
  for (const row of await readBudgetFigures(sql, shopIds)) {
    const labels = { shop: row.shopId, endpoint: row.endpointFamily };
    rate.set(labels, row.rate);
    if (row.learnedRate !== null) learned.set(labels, row.learnedRate);
    phase.set({ ...labels, phase: row.phase }, 1);
    blocked.set(labels, row.blockedSeconds);
    admitted.inc(labels, row.calls);
    throttled.inc(labels, row.throttled);
  }
};

/** Calls that wait in the workers for the budget. */
export const waitingMetrics: MetricSource = async ({ sql, shopIds, registry }) => {
  const waiting = new Gauge({
    name: 'tideline_budget_waiting_calls',
    help: 'Calls that wait for the budget in all workers.',
    labelNames: [...family, 'lane'],
    registers: [registry],
  });
  for (const state of await listWorkerStates(sql)) {
    for (const { shopId, endpointFamily, lane, calls } of state.waiting) {
      if (shopIds === null || shopIds.includes(shopId)) {
        waiting.inc({ shop: shopId, endpoint: endpointFamily, lane }, calls);
      }
    }
  }
};

/** Hourly quotas of development shops. */
export const quotaMetrics: MetricSource = async ({ sql, shopIds, registry }) => {
  const registers = [registry];
  const used = new Gauge({
    name: 'tideline_quota_used_calls',
    help: 'Calls of this clock hour, for development shops.',
    labelNames: ['shop'],
    registers,
  });
  const quota = new Gauge({
    name: 'tideline_quota_calls',
    help: 'Calls an hour, as learned from the first refusal.',
    labelNames: ['shop'],
    registers,
  });
  for (const { shopId, calls, learned } of await readQuotaFigures(sql, shopIds)) {
    used.set({ shop: shopId }, calls);
    if (learned !== null) quota.set({ shop: shopId }, learned);
  }
};

/** Calls to TikTok by their outcome. */
export const callMetrics: MetricSource = async ({ sql, shopIds, registry }) => {
  const labelNames = [...family, 'outcome'] as const;
  const calls = new Counter({
    name: 'tideline_upstream_calls_total',
    help: 'Calls to TikTok by outcome: ok, or the kind of failure. The shop is empty for calls of no shop.',
    labelNames,
    registers: [registry],
  });
  const seconds = new Counter({
    name: 'tideline_upstream_call_seconds_total',
    help: 'Time from sending to the whole answer, summed.',
    labelNames,
    registers: [registry],
  });
  for (const row of await readCallFigures(sql, shopIds)) {
    const labels = { shop: row.shopId, endpoint: row.endpointFamily, outcome: row.outcome };
    calls.inc(labels, row.calls);
    seconds.inc(labels, row.durationMs / 1000);
  }
};
