import { z } from '@hono/zod-openapi';
import { parameterNames } from '../../conversions/parameters.ts';
import { deliveryCategories, deliveryStatuses, mediums } from '../../conversions/types.ts';
import { paging, shortText, time, timeInput } from './common.schema.ts';

const text = { type: 'string' } as const;
const textOrList = { oneOf: [text, { type: 'array', items: text }] };
const amount = { oneOf: [{ type: 'number', minimum: 0 }, text] };

function texts(...names: string[]): Record<string, typeof text> {
  return Object.fromEntries(names.map((name) => [name, text]));
}

const content = {
  ...texts('content_id', 'content_name', 'content_category', 'brand'),
  price: amount,
  quantity: { type: 'integer', minimum: 0 },
};

/** For the document only: events are read one by one, so that a wrong one does not refuse the others. */
const eventDocument = {
  type: 'object',
  required: ['event_id', 'event_name', 'event_time'],
  properties: {
    event_id: { ...text, maxLength: 256, description: 'The same as in the pixel; unique with the name.' },
    event_name: { ...text, maxLength: 100, example: 'PURCHASE' },
    event_time: {
      oneOf: [{ ...text, format: 'date-time' }, { type: 'integer' }],
      description: 'RFC 3339, or Unix seconds',
    },
    user: {
      type: 'object',
      properties: {
        email: textOrList,
        phone: textOrList,
        external_id: textOrList,
        ...texts(
          'first_name',
          'last_name',
          'city',
          'state',
          'zip_code',
          'country',
          'ip',
          'user_agent',
          'locale',
        ),
        ...texts('ttclid', 'ttp', 'fbc', 'fbp', 'gclid', 'gbraid', 'wbraid'),
      },
    },
    source: { ...text, enum: [...mediums], default: 'web' },
    test_event_code: text,
    limited_data_use: { type: 'boolean' },
    page: { type: 'object', properties: texts('url', 'referrer') },
    properties: {
      type: 'object',
      properties: {
        value: amount,
        currency: { ...text, example: 'USD' },
        ...texts('order_id', 'query', 'search_string', 'description', 'status', 'shop_id'),
        content_type: { ...text, enum: ['product', 'product_group'] },
        delivery_category: { ...text, enum: [...deliveryCategories] },
        predicted_ltv: amount,
        contents: { type: 'array', items: { type: 'object', properties: content } },
        num_items: { type: 'integer', minimum: 0 },
      },
    },
    destinations: { type: 'array', items: text, description: 'Ids; all destinations when left out.' },
  },
};

export const eventsBody = z.record(z.string(), z.unknown(), 'must be an event, or {events: […]}.').openapi({
  type: 'object',
  oneOf: [
    eventDocument,
    {
      type: 'object',
      required: ['events'],
      properties: { events: { type: 'array', minItems: 1, maxItems: 1_000, items: eventDocument } },
    },
  ],
} as never);

const delivery = { destination: z.string(), delivery_id: z.string().openapi({ example: 'dlv_42' }) };

export const acceptance = z
  .strictObject({
    accepted: z.array(
      z.strictObject({ event_id: z.string(), deliveries: z.array(z.strictObject(delivery)) }),
    ),
    duplicates: z
      .array(z.string())
      .openapi({ description: 'Ids of events that were known; nothing was created.' }),
    rejected: z.array(
      z.strictObject({
        index: z.int(),
        errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
      }),
    ),
    differences: z
      .array(z.strictObject({ index: z.int(), event_id: z.string(), fields: z.array(z.string()) }))
      .optional()
      .openapi({ description: 'Duplicates that say something else than what is stored. The first stays.' }),
  })
  .openapi('Acceptance');

export const conversion = z
  .strictObject({
    event_id: z.string(),
    event_name: z.string(),
    event_time: time,
    accepted_at: time,
    source: z.enum(mediums),
    origin: z.string().openapi({ description: '`api`, or a source and the id of its raw event' }),
    parameters: z.array(z.enum(parameterNames as [string, ...string[]])),
    deliveries: z.array(
      z.strictObject({ ...delivery, status: z.enum(deliveryStatuses), reason: z.string().nullable() }),
    ),
  })
  .openapi('Conversion');

export const conversionFilters = z.strictObject({
  event_name: shortText.optional(),
  event_id: shortText.optional(),
  destination: shortText.optional(),
  from: timeInput.optional(),
  to: timeInput.optional(),
  ...paging,
});
