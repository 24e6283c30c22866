import { readInsights } from '../../db/reports/insights.ts';
import { readKpis } from '../../db/reports/kpis.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { shopParameter } from './common.schema.ts';
import {
  alsoRefusedDays,
  askedDays,
  how,
  insights,
  insightsQuery,
  kpis,
  kpisQuery,
} from './insights.schema.ts';

/** What a shop's figures come to. */
export function addInsightRoutes(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/shops/{shop}/kpis',
      tag: 'Analytics',
      operationId: 'readKpis',
      summary: 'Key figures of some days beside other days',
      description: "From the shop's own orders, but for `tiktok_gmv`; docs/analytics.md defines each.",
      scope: 'read',
      params: shopParameter,
      query: kpisQuery,
      alsoRefused: alsoRefusedDays,
      responses: { 200: { description: 'Key figures', schema: kpis } },
      problems: [404],
    },
    async ({ principal, params, query: { compare, ...days } }) => {
      const asked = { ...askedDays(days), compare };
      const { scope } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await readKpis(scope, sql, asked) };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/shops/{shop}/analytics/insights',
      tag: 'Analytics',
      operationId: 'readInsights',
      summary: 'Best sellers, slow movers, days of stock left and unusual days',
      description: 'Each says how it is worked out.',
      scope: 'read',
      params: shopParameter,
      query: insightsQuery,
      alsoRefused: alsoRefusedDays,
      responses: { 200: { description: 'Insights', schema: insights } },
      problems: [404],
    },
    async ({ principal, params, query: { limit, ...days } }) => {
      const asked = { ...askedDays(days), limit };
      const { scope } = await seeShop(shops, principal, params.shop);
      const found = await readInsights(scope, sql, asked);
      const { best_sellers, slow_movers, running_out, unusual_days, coverage, ...span } = found;
      const body = {
        ...span,
        best_sellers: { how: how.best_sellers, data: best_sellers },
        slow_movers: { how: how.slow_movers, data: slow_movers },
        running_out: { how: how.running_out, data: running_out },
        unusual_days: { how: how.unusual_days, data: unusual_days },
        coverage,
      };
      return { status: 200, body };
    },
  );
}
