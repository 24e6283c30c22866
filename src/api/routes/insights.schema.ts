import { z } from '@hono/zod-openapi';
import { addDays } from '../../analytics/calendar.ts';
import { fewestDays, slowDays, unusualScore } from '../../analytics/insight-rules.ts';
import type { AskedDays } from '../../analytics/shop-calendar.ts';
import { alsoRefusedRange, refuseRange } from '../day-range.ts';
import { badRequest } from '../problem.ts';
import { coverage, day } from './analytics.schema.ts';
import { money, orNull } from './common.schema.ts';

const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${most}.`)
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, `must be a whole number from 1 to ${most}.`);

const asked = {
  days: wholeNumber(366).optional().openapi({
    type: 'integer',
    minimum: 1,
    maximum: 366,
    default: 30,
    description: 'Whole days of the shop; the last one is yesterday. Or `start_date` and `end_date`.',
  }),
  start_date: day.optional().openapi({ description: 'First day, in the calendar of the shop' }),
  end_date: day.optional().openapi({ description: 'Last day' }),
};

/** What the days of a query are refused for and no schema says. */
export const alsoRefusedDays = `${alsoRefusedRange}, one of \`start_date\` and \`end_date\` alone, and \`days\` beside them`;

/** The days that a query asks for: a range, or else the last ones. */
export function askedDays({
  days,
  start_date: first,
  end_date: last,
}: z.output<z.ZodObject<typeof asked>>): AskedDays {
  if (first === undefined && last === undefined) return { days: days ?? 30, now: Date.now() };
  if (first === undefined) throw badRequest([{ path: 'start_date', message: 'is needed with end_date.' }]);
  if (last === undefined) throw badRequest([{ path: 'end_date', message: 'is needed with start_date.' }]);
  if (days !== undefined) throw badRequest([{ path: 'days', message: 'is of no use beside a range.' }]);
  refuseRange(first, last);
  return { from: first, to: addDays(last, 1) };
}

export const kpisQuery = z.strictObject({
  ...asked,
  compare: z
    .enum(['previous_period', 'previous_year'])
    .default('previous_period')
    .openapi({ description: 'What `previous` is: as many days before, or the same days a year before' }),
});

export const insightsQuery = z.strictObject({
  ...asked,
  limit: wholeNumber(100)
    .default(10)
    .openapi({ type: 'integer', minimum: 1, maximum: 100, default: 10, description: 'Of each kind' }),
});

const count = z.int().nonnegative();

const keyFigures = {
  gmv: money.openapi({
    description: 'Paid orders by the day of payment, cancelled ones included, as the seller center counts',
  }),
  net_gmv: money.openapi({ description: 'The same without orders that were cancelled' }),
  orders_count: count.openapi({ description: 'Paid orders' }),
  cancelled_orders: count.openapi({ description: 'Those of them that were cancelled' }),
  items_sold: count,
  average_order_value: orNull(money).openapi({ description: '`gmv` over `orders_count`, rounded half up' }),
  customers: count.openapi({ description: 'Different buyers of paid orders' }),
  new_customers: count.openapi({ description: 'Those who paid for their first order in these days' }),
  returning_customers: count.openapi({ description: 'Those who had paid for one before' }),
  new_gmv: money,
  returning_gmv: money,
  tiktok_gmv: orNull(money).openapi({ description: "TikTok's own figure of the days that were read" }),
};

const changes = Object.fromEntries(
  Object.keys(keyFigures).map((name) => [name, z.number().nullable()]),
) as Record<keyof typeof keyFigures, z.ZodNullable<z.ZodNumber>>;

const span = {
  start_date: z.iso.date(),
  end_date: z.iso.date(),
  days: z.int(),
  currency: z.string().nullable(),
};

export const kpis = z
  .strictObject({
    ...span,
    ...keyFigures,
    previous: z.strictObject(keyFigures).openapi({ description: 'Of the days that are compared with' }),
    change: z.strictObject(changes).openapi({ description: 'In percent of `previous`' }),
    coverage: z.array(coverage).openapi({ description: 'Of `tiktok_gmv`' }),
    previous_coverage: z.array(coverage).openapi({ description: 'Of `previous.tiktok_gmv`' }),
  })
  .openapi('Kpis');

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

export const productInsight = z
  .strictObject({
    product_id: z.string(),
    title: z.string().nullable(),
    gmv: money,
    items_sold: z.int(),
    stock: z.int().nullable(),
    days_of_stock: orNull(decimal).openapi({
      description: 'Stock over the units sold a day, of the days that were read; null where nothing sold.',
    }),
    share: orNull(decimal).openapi({ description: 'Of the GMV of all products, in percent' }),
  })
  .openapi('ProductInsight');

const unusualDay = z
  .strictObject({
    date: z.iso.date(),
    gmv: money,
    usual: money.openapi({ description: 'The median of the days' }),
    score: decimal.openapi({ description: 'Below zero: less than usual' }),
  })
  .openapi('UnusualDay');

export function explained<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    how: z.string().openapi({ description: 'How it is worked out' }),
    data: z.array(item),
  });
}

export const insights = z
  .strictObject({
    ...span,
    best_sellers: explained(productInsight),
    slow_movers: explained(productInsight),
    running_out: explained(productInsight),
    unusual_days: explained(unusualDay),
    coverage: z.array(coverage).openapi({ description: 'Of the products' }),
  })
  .openapi('Insights');

/** What each insight says of itself. */
export const how = {
  best_sellers: 'Products by the GMV that TikTok tells of these days, the highest first.',
  slow_movers:
    'Live products with stock, listed before these days, that sold nothing in them or whose stock lasts more than ' +
    `${slowDays} days at their pace; the slowest first, of those that sold nothing the largest stock.`,
  running_out:
    'Live products that sold in these days, by how long their stock lasts: stock, divided by the units sold a day over ' +
    'the days that were read; the shortest first.',
  unusual_days:
    'Days whose GMV is far from the median of these days: the modified z-score, 0.6745 × (GMV − median) ÷ median ' +
    `absolute deviation, is beyond ±${unusualScore}; the farthest first. Of fewer than ${fewestDays} days none is unusual.`,
};
