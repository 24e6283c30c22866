import { z } from '@hono/zod-openapi';
import { addDays } from '../../analytics/calendar.ts';
import { type BrandSelection, listBrands } from '../../db/reports/brands.ts';
import { brandListing } from '../../exports/listings/brands.ts';
import { alsoRefusedRange, refuseRange } from '../day-range.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openFields, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import type { Principal } from '../principal.ts';
import { badRequest } from '../problem.ts';
import type { RouteTools } from '../route.ts';
import { type SummedShops, seeSummedShops } from '../summed-shops.ts';
import { analyticsPage, compared, comparison, filters, ofProduct, range } from './analytics.schema.ts';
import { money, orNull, paging, shopParameter, shortText } from './common.schema.ts';

const brand = z
  .strictObject({
    date: z.iso.date().optional().openapi({ description: 'First day of the period, with a granularity' }),
    brand: z.string().nullable().openapi({ description: 'Null: products without a known brand' }),
    currency: z.string().nullable(),
    gmv: money,
    items_sold: z.int(),
    orders_count: z.int().openapi({
      description: 'Orders of each product added up: one with two products of a brand counts twice.',
    }),
    products: z.int().openapi({ description: 'Products that sold' }),
    ...compared({
      gmv: orNull(money),
      items_sold: z.int().nullable(),
      orders_count: z.int().nullable(),
      products: z.int().nullable(),
    }),
  })
  .openapi('BrandAnalytics');

const query = z.strictObject({
  ...range,
  granularity: z.enum(['day', 'week', 'month']).optional(),
  ...filters,
  ...ofProduct,
  search: shortText.optional().openapi({ description: "Part of the brand's name, in any case" }),
  sort: z.enum(['date', 'gmv', 'items_sold', 'orders_count', 'products']).default('gmv'),
  order: z.enum(['asc', 'desc']).optional().openapi({ description: 'Default: asc for date, else desc' }),
  ...comparison,
  ...paging,
});

/** What a cursor holds: a date or a figure, by what is sorted. */
const positionBy = (sort: BrandSelection['sort']) =>
  z.strictObject({
    value: z.string().regex(sort === 'date' ? /^\d{4}-\d\d-\d\d$/ : /^-?\d+(\.\d+)?$/),
    date: z.string(),
    brand: z.string(),
  });

type Asked = Omit<z.output<typeof query>, 'limit' | 'cursor' | 'with_total'>;

/** @throws RequestError 400 for what is no range, and for an order by days that rows do not have. */
function selectionOf(
  { start_date: from, end_date: last, order, granularity, compare, sort, min_gmv, search, ...more }: Asked,
  { others, currency }: Pick<SummedShops, 'others' | 'currency'>,
): BrandSelection {
  const { shops: _summed, ...products } = more;
  refuseRange(from, last);
  if (sort === 'date' && granularity === undefined) {
    const message = 'by date needs a granularity: without it rows have no date.';
    throw badRequest([{ path: 'sort', message }]);
  }
  return {
    ...{ others, currency, sort, min_gmv, search, products },
    ...{ from, to: addDays(last, 1), granularity: granularity ?? null, compare: compare ?? null },
    direction: order ?? (sort === 'date' ? 'asc' : 'desc'),
  };
}

/** What brands sold. */
export function addBrandRoute(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  const plan = async (principal: Principal, shop: string, asked: Asked) => {
    const seen = await seeSummedShops({ sql, shops }, principal, {
      ...{ shop, shops: asked.shops, stream: 'products' },
    });
    return { ...seen, selection: selectionOf(asked, seen) };
  };

  addListRoute(
    tools,
    {
      path: '/api/v1/shops/{shop}/analytics/brands',
      tag: 'Analytics',
      operationId: 'listBrandAnalytics',
      summary: 'Figures of brands',
      description:
        'The figures of products, added up by their brand: the one that TikTok names, else the one that the brand rules of the shop find. Products are narrowed before they are added up, `min_gmv` and `search` are held against brands.',
      scope: 'read',
      params: shopParameter,
      query,
      alsoRefused: `${alsoRefusedRange}, shops of several currencies, and sorting by date where rows have none`,
      responses: {
        200: { description: 'Brands', schema: analyticsPage(brand) },
      },
      problems: [404],
      item: brand,
      listing: brandListing,
      async select({ principal, params, query: asked }) {
        const { shop, scope, selection } = await plan(principal, params.shop, asked);
        const leftOut = [
          ...(selection.compare === null ? ['previous', 'change'] : []),
          ...(selection.granularity === null ? ['date'] : []),
        ];
        return { shop, scope, selection, leftOut };
      },
    },
    async ({ principal, params, query: { limit, cursor, with_total: withTotal, ...asked } }) => {
      const { shop, scope, selection } = await plan(principal, params.shop, asked);
      const list = ['brands', shop.id, selection];
      const after = cursor === undefined ? null : openFields(list, cursor, positionBy(selection.sort));
      const {
        rows: data,
        next,
        previousCoverage: previous_coverage,
        ...page
      } = await listBrands(scope, sql, selection, { after, limit, withTotal });
      const next_cursor = next === null ? null : sealCursor(list, JSON.stringify(next));
      const before = previous_coverage === undefined ? {} : { previous_coverage };
      return { status: 200, body: { ...page, ...before, data, next_cursor, currency: selection.currency } };
    },
  );
}
