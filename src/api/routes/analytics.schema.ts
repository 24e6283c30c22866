import { z } from '@hono/zod-openapi';
import { isDay } from '../../analytics/calendar.ts';
import {
  declarationOf,
  isMoney,
  isOfOneShop,
  isPercentage,
  type StreamDeclaration,
  type StreamName,
} from '../../analytics/streams.ts';
import { descriptionOf } from '../../db/reports/analytics-descriptions.ts';
import { exactNumber, money, orNull, paging, shortText, time } from './common.schema.ts';

/** A calendar day of the shop in a request. */
export const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day such as 2026-03-01.')
  .refine(
    (text) => isDay(text) && text >= '1970-01-01' && text < '9999-01-01',
    'is no day that can be asked for.',
  )
  .openapi({ type: 'string', format: 'date', example: '2026-03-01' });

export const decimal = z.string().regex(/^\d{1,15}(\.\d{1,6})?$/, 'must be a plain decimal such as 24.90.');

const order = z.enum(['asc', 'desc']);

/** Filters that lists of figures share, by what their rows are of. */
export const filters = {
  min_gmv: decimal
    .optional()
    .openapi({ description: 'GMV of the whole row, at least this', example: '24.90' }),
};
export const ofProduct = {
  status: z
    .enum(['live', 'hidden'])
    .optional()
    .openapi({ description: '`live` is what buyers can see; what is not known any more is hidden.' }),
  stock_below: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number.')
    .transform(Number)
    .optional()
    .openapi({ type: 'integer', minimum: 0 }),
  brand: shortText.optional().openapi({ description: 'Name of the brand, in any case' }),
  category: shortText.optional().openapi({ description: 'Id or name of the category' }),
};
const search = shortText.optional().openapi({
  description: 'Part of a title, name or seller SKU in any case, or a whole id',
});
const ofContent = {
  account_type: z
    .string()
    .regex(/^[A-Z_]{1,50}$/, 'must be an account type such as OFFICIAL_ACCOUNTS.')
    .optional(),
};

const filtersOf: Partial<Record<StreamName, z.ZodRawShape>> = {
  products: { ...ofProduct, search },
  skus: { ...ofProduct, search },
  videos: { ...ofContent, search },
  lives: { ...ofContent, search },
  creators: { search },
  affiliates: { search },
};

export const range = {
  start_date: day.openapi({ description: 'First day, in the calendar of the shop' }),
  end_date: day.openapi({ description: 'Last day; the range has at most 3,660 days' }),
};

export const comparison = {
  compare: z.enum(['previous_period', 'previous_year']).optional(),
  shops: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(shortText).max(50))
    .optional()
    .openapi({
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 200 },
      maxItems: 50,
      description: 'Further shops to sum with this one, of the same currency; may be repeated.',
    }),
};

/** Streams whose rows are periods: without a granularity they are days. */
export const isSeries = (stream: StreamName): boolean => series.has(stream);

const series: ReadonlySet<StreamName> = new Set([
  ...(['shop', 'hourly', 'video_overview', 'live_overview'] as const),
  // Asked for by their one key.
  ...(['product_details', 'video_details', 'sku_details'] as const),
]);

/** Streams whose rows are asked for by their LIVE session, on whichever day it ran. */
const isOfSession = (stream: StreamName): boolean => stream === 'live_minutes' || stream === 'live_products';

/** The query of `GET …/analytics/{stream}`. */
export function analyticsQuery(stream: StreamName) {
  const byPeriod = isSeries(stream);
  const sorts = ['date', ...Object.keys(declarationOf(stream).metrics)] as [string, ...string[]];
  return z.strictObject({
    ...range,
    granularity: z
      .enum(['day', 'week', 'month'])
      .optional()
      .openapi({ description: byPeriod ? 'Default: day' : 'Without it: one row each over all days' }),
    ...filters,
    ...(filtersOf[stream] as Record<string, never>),
    sort: z
      .enum(sorts)
      .default(byPeriod ? 'date' : 'gmv')
      .openapi({ description: 'Ties go by date, then by what the row is of.' }),
    order: order.optional().openapi({ description: 'Default: asc for date, else desc' }),
    ...comparison,
    ...paging,
  });
}

export const productAnalyticsQuery = z.strictObject({
  ...range,
  ...filters,
  ...ofProduct,
  search,
  sort: z.enum(['gmv', 'items_sold', 'orders_count']).default('gmv'),
  order: order.default('desc').openapi({ description: 'Ties go by external_id.' }),
  ...comparison,
  ...paging,
});

export const coverage = z
  .strictObject({
    shop_id: z.string(),
    permission: z.enum(['granted', 'not_permitted']).nullable().openapi({
      description: 'Whether TikTok lets the app see these figures; null while it was never asked.',
    }),
    latest_available_date: z.iso
      .date()
      .nullable()
      .openapi({ description: 'The last day that TikTok calls ready' }),
    days: z.int(),
    days_read: z.int().openapi({ description: 'Figures of the other days are missing, not zero.' }),
    days_settled: z.int().openapi({ description: 'Days that are not read again' }),
    final_up_to: z.iso.date().nullable().openapi({
      description: 'Up to this day, itself included, every day of the range that was read has settled.',
    }),
  })
  .openapi('AnalyticsCoverage');

/** The answer of a list of figures. */
export function analyticsPage<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    data: z.array(item),
    next_cursor: z.string().nullable(),
    total: z.int().nonnegative().optional().openapi({ description: 'With `with_total=true`' }),
    currency: z.string().nullable(),
    coverage: z.array(coverage).openapi({ description: 'How much of the range is known, for each shop' }),
    previous_coverage: z.array(coverage).optional().openapi({
      description:
        'With `compare`: how much of the days compared with is known. Where not all of them were read, `change` is of those that were.',
    }),
  });
}

export function compared(figures: z.ZodRawShape): z.ZodRawShape {
  return {
    previous: z
      .strictObject(figures)
      .optional()
      .openapi({ description: 'With `compare`: the same over the period before, or a year before' }),
    change: z
      .strictObject(Object.fromEntries(Object.keys(figures).map((name) => [name, z.number().nullable()])))
      .optional()
      .openapi({ description: 'In percent of `previous`' }),
  };
}

const descriptions: Record<string, z.ZodType> = {
  status: z.enum(['live', 'hidden']),
  stock: z.int().nullable(),
  duration_seconds: z.number().nullable(),
  posted_at: orNull(time),
  started_at: orNull(time),
  ended_at: orNull(time),
};

const keyTypes: Record<string, z.ZodType> = { smallint: z.int(), timestamptz: time, text: z.string() };

function figureOf(declaration: StreamDeclaration, name: string): z.ZodType {
  if (isMoney(declaration, name)) return orNull(money);
  const figure = orNull(exactNumber);
  return isPercentage(declaration, name) ? figure.openapi({ description: 'In percent, 0 to 100' }) : figure;
}

/** A row of `GET …/analytics/{stream}`. */
export function analyticsRow(stream: StreamName) {
  const declaration = declarationOf(stream);
  const figures = Object.fromEntries(
    Object.keys(declaration.metrics).map((name) => [name, figureOf(declaration, name)]),
  );
  const keys = declaration.keys.map(([name, type]) => [name, keyTypes[type] ?? z.string()]);
  const shown = descriptionOf(stream).columns.map(([name]) => [
    name,
    descriptions[name] ?? z.string().nullable(),
  ]);
  return z.strictObject({
    ...(isOfSession(stream) ? {} : { date: isSeries(stream) ? z.iso.date() : z.iso.date().optional() }),
    ...(isOfOneShop(declaration) ? { shop_id: z.string() } : {}),
    ...Object.fromEntries([...keys, ...shown]),
    ...figures,
    ...compared(figures),
  });
}

const productFigures = { gmv: exactNumber, items_sold: exactNumber, orders_count: exactNumber };

export const productAnalyticsRow = z.strictObject({
  external_id: z.string(),
  title: z.string().nullable(),
  status: z.enum(['live', 'hidden']),
  image_url: z.string().nullable(),
  ...productFigures,
  ...compared({
    gmv: orNull(exactNumber),
    items_sold: orNull(exactNumber),
    orders_count: orNull(exactNumber),
  }),
});
