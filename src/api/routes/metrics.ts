import { z } from '@hono/zod-openapi';
import { Registry } from 'prom-client';
import type { ApiDependencies } from '../dependencies.ts';
import { createConversionMetrics } from '../metrics/conversions.ts';
import { createApiMetrics, workerMetrics } from '../metrics/processes.ts';
import { budgetMetrics, callMetrics, quotaMetrics, waitingMetrics } from '../metrics/request-budget.ts';
import type { MetricSource } from '../metrics/source.ts';
import { createOrderMetrics, syncMetrics } from '../metrics/sync.ts';
import { addRoute, type RouteTools } from '../route.ts';

/** Figures for Prometheus. A new subject is a source of its own in `src/api/metrics/` and a line here. */
export function addMetricsRoute(tools: RouteTools, { sql, inbox }: ApiDependencies): void {
  const sources: readonly MetricSource[] = [
    budgetMetrics,
    waitingMetrics,
    quotaMetrics,
    callMetrics,
    syncMetrics,
    createOrderMetrics(),
    workerMetrics,
    createConversionMetrics(inbox),
  ];
  const api = createApiMetrics();
  addRoute(
    tools,
    {
      method: 'get',
      path: '/metrics',
      tag: 'Operations',
      operationId: 'readMetrics',
      summary: 'Figures in the text format of Prometheus',
      description:
        'Request budgets, calls to TikTok, runs, watermarks, orders, conversions, workers and this process. Shops are named by ' +
        'their ids; nothing personal is in it. A key that is bound to shops sees the figures of these only.',
      scope: 'read',
      responses: {
        200: {
          description: 'Figures',
          schema: z.string().openapi({ example: 'tideline_orders{shop="shop-1"} 370200\n' }),
          mediaType: 'text/plain',
        },
      },
    },
    async ({ principal }) => {
      const registry = new Registry();
      for (const add of sources) await add({ sql, shopIds: principal.shopIds, registry });
      const own = principal.shopIds === null ? await api.metrics() : '';
      return new Response(`${await registry.metrics()}${own}`, {
        headers: { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' },
      });
    },
  );
}
