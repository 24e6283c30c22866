import { z } from '@hono/zod-openapi';
import { rankings, timeSlots } from '../../analytics/bestsellers.ts';
import { type BestsellerSelection, readBestsellers } from '../../db/reports/bestsellers.ts';
import { bestsellerListing } from '../../exports/listings/bestsellers.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { addListRoute } from '../list-route.ts';
import type { RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { day } from './analytics.schema.ts';
import { bestseller, ranking } from './bestsellers.schema.ts';
import { shopParameter } from './common.schema.ts';

const query = z.strictObject({
  ranking: z.enum(rankings).default('products'),
  time_slot: z
    .enum(timeSlots)
    .default('1D')
    .openapi({ description: 'The day alone, or the 7 or 30 days that end with it' }),
  date: day.optional().openapi({ description: 'Without it: the newest day that was read' }),
});

function selectionOf(asked: z.output<typeof query>): BestsellerSelection {
  return { ranking: asked.ranking, timeSlot: asked.time_slot, date: asked.date ?? null };
}

/** Rankings of the market. */
export function addBestsellerRoute(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/bestsellers',
      tag: 'Analytics',
      operationId: 'listBestsellers',
      summary: 'What sells best in the whole market',
      description: 'At most a hundred rows. Few apps have the scope: `permission` says whether this one has.',
      scope: 'read',
      params: shopParameter,
      query,
      alsoRefused: 'a day that no calendar has',
      responses: { 200: { description: 'The ranking', schema: ranking } },
      problems: [404],
      item: bestseller,
      listing: bestsellerListing,
      async select({ principal, params, query: asked }) {
        return { ...(await seeShop(shops, principal, params.shop)), selection: selectionOf(asked) };
      },
    },
    async ({ principal, params, query: asked }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await readBestsellers(scope, sql, selectionOf(asked)) };
    },
  );
}
