import { z } from '@hono/zod-openapi';
import { money, page, paging, shortText, time, timeInput } from './common.schema.ts';

const knownStatuses = [
  'UNPAID',
  'ON_HOLD',
  'AWAITING_SHIPMENT',
  'PARTIALLY_SHIPPING',
  'AWAITING_COLLECTION',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
] as const;

/** TikTok adds statuses without notice: whatever looks like one can be asked for, and is found if it was ever sent. */
const orderStatus = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,49}$/, `must be an order status such as ${knownStatuses.join(', ')}.`);

const statusFilter = z
  .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(orderStatus).max(20))
  .openapi({
    type: 'array',
    items: { type: 'string', pattern: '^[A-Z][A-Z0-9_]{0,49}$', examples: [...knownStatuses] },
    maxItems: 20,
  });

/** The filters that the list and the statistics share. */
export const orderFilters = {
  status: statusFilter.optional().openapi({ description: 'May be repeated.' }),
  id: shortText.optional().openapi({ description: 'The order id' }),
  brand: shortText.optional().openapi({
    description: 'Name of the brand of a product in the order, in any case',
  }),
  product_id: shortText.optional(),
  sku_id: shortText.optional(),
  buyer: shortText.optional().openapi({ description: "TikTok's user id" }),
  created_ge: timeInput.optional(),
  created_lt: timeInput.optional(),
  updated_ge: timeInput.optional(),
  updated_lt: timeInput.optional(),
  min_total: z
    .string()
    .regex(/^-?\d{1,15}(\.\d{1,6})?$/, 'must be a plain decimal such as 24.90.')
    .optional()
    .openapi({ description: 'Total amount at least this', example: '24.90' }),
  search: shortText.optional().openapi({
    description: 'Part of an order id, product name, seller SKU or tracking number, in any case',
  }),
};

export const statisticsQuery = z.strictObject(orderFilters);

export const orderListQuery = z.strictObject({
  ...orderFilters,
  sort: z.enum(['created_at', 'updated_at', 'total_amount']).default('created_at'),
  order: z
    .enum(['asc', 'desc'])
    .default('desc')
    .openapi({ description: 'Ties go by order_id in the same direction.' }),
  ...paging,
});

export const orderParameter = z.object({ shop: shortText, order_id: shortText });

/** Ids go to TikTok as a list with commas; nothing but an id may come there. */
export const refreshedOrderParameter = z.object({
  shop: shortText,
  order_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be an order id.'),
});

const lineItem = z
  .strictObject({
    product_id: z.string().nullable(),
    product_name: z.string().nullable(),
    sku_id: z.string().nullable(),
    sku_name: z.string().nullable(),
    seller_sku: z.string().nullable(),
    quantity: z.int().positive(),
    unit_price: money,
    amount: money,
  })
  .openapi('LineItem');

const summaryFields = {
  order_id: z.string(),
  status: z.string().openapi({ example: 'AWAITING_SHIPMENT' }),
  created_at: time,
  updated_at: time,
  paid_at: time.nullable(),
  currency: z.string(),
  total_amount: money,
  sub_total: money.nullable(),
  shipping_fee: money.nullable(),
  tax: money.nullable(),
  seller_discount: money.nullable(),
  platform_discount: money.nullable(),
  buyer_id: z.string().nullable(),
  items_count: z.int().nonnegative(),
  brands: z.array(z.string()).openapi({ description: 'Of the products in it, as far as they are synced' }),
  line_items: z.array(lineItem).openapi({ description: 'Units of one SKU and price are one element' }),
};

export const order = z.strictObject(summaryFields).openapi('Order');

export const orderPage = page(order);

const text = z.string().nullable();
export const orderDetail = z
  .strictObject({
    ...summaryFields,
    shipped_at: time.nullable(),
    delivered_at: time.nullable(),
    cancelled_at: time.nullable(),
    cancellation_initiator: text,
    cancel_reason: text,
    order_type: text,
    fulfillment_type: text,
    shipping_type: text,
    shipping_provider: text,
    tracking_number: text,
    warehouse_id: text,
    payment_method: text,
    is_cod: z.boolean().nullable(),
    is_sample: z.boolean().nullable(),
    packages: z.array(z.strictObject({ package_id: z.string(), status: text, tracking_number: text })),
    status_history: z
      .array(z.strictObject({ status: z.string(), changed_at: time }))
      .openapi({ description: 'Oldest first; the last one is the present status' }),
    source: z
      .strictObject({
        run_id: z.string().nullable().openapi({ description: 'Null when the order was read by itself' }),
        tiktok_request_id: text,
        observed_at: time,
      })
      .nullable()
      .openapi({ description: 'The exchange that this version was read from' }),
    personal: z
      .record(z.string(), z.unknown())
      .nullable()
      .optional()
      .openapi({ description: 'Only for keys with `write`; null when none is stored' }),
  })
  .openapi('OrderDetail');

const statistics = z
  .strictObject({
    total_orders: z.int().nonnegative(),
    gmv: money.openapi({ description: 'All matched orders but the unpaid; cancelled ones included' }),
    net_gmv: money.openapi({ description: 'Without the cancelled ones' }),
    average_order_value: money.nullable().openapi({ description: 'gmv over the orders that are not unpaid' }),
    currency: z.string().nullable(),
    by_status: z.array(z.strictObject({ status: z.string(), orders: z.int(), gmv: money })),
    by_day: z
      .array(z.strictObject({ date: z.iso.date(), orders: z.int(), gmv: money }))
      .openapi({ description: "The shop's days of `created_at`" }),
  })
  .openapi('OrderStatistics');

export const orderStatistics = z.union([statistics, z.strictObject({ by_currency: z.array(statistics) })]);
