import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { listWorkerStates } from '../../db/queries/worker-states.ts';
import type { MetricSource } from './source.ts';

/** How the workers fare, each by what it said of itself in the last seconds. */
export const workerMetrics: MetricSource = async ({ sql, shopIds, registry }) => {
  // Whoever sees some shops only has no business with the machines.
  if (shopIds !== null) return;
  const registers = [registry];
  const labelNames = ['worker'] as const;
  const started = new Gauge({
    name: 'tideline_worker_start_time_seconds',
    help: 'When the worker started, Unix seconds.',
    labelNames,
    registers,
  });
  const memory = new Gauge({
    name: 'tideline_worker_resident_memory_bytes',
    help: 'Resident memory of the worker.',
    labelNames,
    registers,
  });
  const processor = new Counter({
    name: 'tideline_worker_cpu_seconds_total',
    help: 'Processor time of the worker.',
    labelNames,
    registers,
  });
  const lag = new Gauge({
    name: 'tideline_worker_event_loop_lag_seconds',
    help: 'Longest delay of the event loop within the last seconds.',
    labelNames,
    registers,
  });
  for (const state of await listWorkerStates(sql)) {
    const labels = { worker: state.workerId };
    started.set(labels, state.startedAt.getTime() / 1000);
    memory.set(labels, state.residentBytes);
    processor.inc(labels, state.cpuSeconds);
    lag.set(labels, state.eventLoopLagSeconds);
  }
};

/** The library's usual figures of this process, the API. */
export function createApiMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
