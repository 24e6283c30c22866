import { z } from '@hono/zod-openapi';
import type { StreamName } from '../../analytics/streams.ts';
import { analyticsPage, analyticsQuery, analyticsRow } from './analytics.schema.ts';
import { exactNumber, money, orNull, paging, shortText } from './common.schema.ts';

/** `{shop}` and the id of a product, SKU, video or LIVE session. */
export const detailParameter = z.object({ shop: shortText, id: shortText });

/** The query of what belongs to one thing; it is of one shop. */
export function detailQuery(stream: StreamName) {
  return analyticsQuery(stream).omit({ shops: true });
}

/** The query of `GET …/analytics/lives/{id}/minutes`. */
export const minutesQuery = z.strictObject({ ...paging });

/** The query of `GET …/analytics/lives/{id}/products`. */
export const sessionProductsQuery = z.strictObject({
  sort: z.enum(['gmv', 'items_sold', 'orders_count']).default('gmv'),
  order: z.enum(['asc', 'desc']).default('desc').openapi({ description: 'Ties go by product.' }),
  ...paging,
});

const figure = orNull(exactNumber);
const percentage = orNull(exactNumber).openapi({ description: 'In percent, 0 to 100' });
const sold = { gmv: orNull(money), items_sold: figure };

/** What is no figure and stands as it was on the newest day of the range that was read. */
export const newestDetails = {
  product_details: z.strictObject({
    date: z.iso.date(),
    ratings: z.array(z.strictObject({ stars: z.string(), count: figure, percentage })),
    top_contents: z.array(z.strictObject({ type: z.string().nullable(), content_id: z.string(), ...sold })),
    top_creators: z.array(z.strictObject({ creator: z.string(), ...sold })),
  }),
  video_details: z.strictObject({
    date: z.iso.date(),
    viewer_profile: z.array(
      z.strictObject({ viewers: z.string(), trait: z.string(), value: z.string(), percentage }),
    ),
  }),
} as const;

/** The answer of `GET …/analytics/products/{id}` and its like. */
export function detailPage(stream: StreamName, newest: z.ZodType | undefined) {
  const page = analyticsPage(analyticsRow(stream));
  if (newest === undefined) return page;
  return z.strictObject({
    ...page.shape,
    newest: orNull(newest).openapi({ description: 'As of the newest day of the range that was read' }),
  });
}
