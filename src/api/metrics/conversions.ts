import { Counter, Gauge } from 'prom-client';
import { findCoverageDrops } from '../../conversions/watch-coverage.ts';
import type { Sql } from '../../db/pool.ts';
import {
  countDeliveriesByStatus,
  countEventsBySource,
  readWaitingFigures,
} from '../../db/reports/conversion-metrics.ts';
import type { WebhookInbox } from '../../webhooks/receive-webhooks.ts';
import type { MetricSource } from './source.ts';

/** A scraper comes every few seconds; millions of events take a while to count. */
const countForMs = 60_000;

async function count(sql: Sql) {
  const [events, deliveries, drops] = await Promise.all([
    countEventsBySource(sql),
    countDeliveriesByStatus(sql),
    findCoverageDrops(sql),
  ]);
  return { events, deliveries, drops };
}

/** Events and their deliveries, counted at most once a minute in each process, and what waits at this moment. */
export function createConversionMetrics({ refused }: Pick<WebhookInbox, 'refused'>): MetricSource {
  let counted: { until: number; figures: ReturnType<typeof count> } | null = null;

  function figuresOf(sql: Sql): ReturnType<typeof count> {
    if (counted === null || counted.until < performance.now()) {
      const figures = count(sql);
      counted = { until: performance.now() + countForMs, figures };
      figures.catch(() => {
        counted = null;
      });
    }
    return counted.figures;
  }

  return async ({ sql, shopIds, registry }) => {
    // Conversions belong to no shop.
    if (shopIds !== null) return;
    const registers = [registry];
    const { events, deliveries, drops } = await figuresOf(sql);
    const accepted = new Counter({
      name: 'tideline_conversion_events_total',
      help: 'Conversion events that were accepted, by who told of them; counted at most once a minute.',
      labelNames: ['source'],
      registers,
    });
    for (const row of events) accepted.inc({ source: row.source }, row.events);

    const byStatus = new Gauge({
      name: 'tideline_deliveries',
      help: 'Deliveries by destination and status, counted at most once a minute.',
      labelNames: ['destination', 'status'],
      registers,
    });
    const retries = new Counter({
      name: 'tideline_delivery_retries_total',
      help: 'Requests that a delivery was part of beyond its first, summed; counted at most once a minute.',
      labelNames: ['destination'],
      registers,
    });
    for (const row of deliveries) {
      byStatus.set({ destination: row.destination, status: row.status }, row.deliveries);
      retries.inc({ destination: row.destination }, row.retries);
    }

    const oldest = new Gauge({
      name: 'tideline_delivery_oldest_due_seconds',
      help: 'How long the oldest delivery that is due has been; 0 where none is.',
      labelNames: ['destination'],
      registers,
    });
    const paused = new Gauge({
      name: 'tideline_destination_status',
      help: '1 for the status of a destination: active, paused or mock.',
      labelNames: ['destination', 'status'],
      registers,
    });
    for (const { destination, status, oldestDueSeconds } of await readWaitingFigures(sql)) {
      oldest.set({ destination }, oldestDueSeconds);
      paused.set({ destination, status }, 1);
    }

    const dropped = new Gauge({
      name: 'tideline_coverage_dropped_percent',
      help: 'Share of the events of the last day that carries a parameter, where it fell below its target and below the day before.',
      labelNames: ['destination', 'parameter'],
      registers,
    });
    for (const { destination, parameter, percent } of drops) dropped.set({ destination, parameter }, percent);

    const refusals = new Counter({
      name: 'tideline_webhooks_refused_total',
      help: 'Webhooks that this process refused for their signature.',
      labelNames: ['source'],
      registers,
    });
    for (const [source, webhooks] of refused) refusals.inc({ source }, webhooks);
  };
}
