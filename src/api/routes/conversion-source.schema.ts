import { z } from '@hono/zod-openapi';
import { money, paging, shortText, time, timeInput } from './common.schema.ts';

export const conversionSource = z
  .strictObject({
    enabled: z.boolean(),
    paid_from: time.nullable().openapi({ description: 'Orders that were paid before are left alone.' }),
    destinations: z
      .array(z.string())
      .nullable()
      .openapi({ type: ['array', 'null'], description: 'null: every destination' }),
  })
  .openapi('ConversionSource');

export const conversionSourceChange = z
  .strictObject({
    enabled: z.boolean('must be true or false.').optional(),
    paid_from: timeInput.optional().openapi({ description: 'Now, where it was never set.' }),
    destinations: z
      .array(shortText)
      .min(1, 'must name a destination, or be null for all.')
      .max(50, 'must have at most 50 entries.')
      .nullable()
      .optional()
      .openapi({ type: ['array', 'null'], description: 'null: every destination' }),
  })
  .openapi({ minProperties: 1 });

export const conversionSourceReplay = z.strictObject({ from: timeInput, to: timeInput.optional() });

export const replayedOrders = z.strictObject({
  orders: z.int().nonnegative().openapi({ description: 'Orders that will be looked at' }),
});

export const followUpKinds = ['cancelled', 'reduced'] as const;

export const orderConversion = z
  .strictObject({
    order_id: z.string(),
    decision: z.enum(['told', 'left_out']),
    reason: z.string().nullable().openapi({ description: 'Why it was left out' }),
    event_id: z.string().nullable().openapi({ example: 'tiktok-shop-576461413038785752' }),
    amount: money,
    currency: z.string(),
    decided_at: time,
    follow_ups: z.array(
      z.strictObject({
        kind: z.enum(followUpKinds),
        amount: money.openapi({ description: 'What of the purchase was taken back' }),
        decided_at: time,
        outcomes: z.array(
          z.strictObject({
            destination: z.string(),
            delivery_id: z.string(),
            outcome: z.enum(['withheld', 'stands', 'not_counted']),
          }),
        ),
      }),
    ),
  })
  .openapi('OrderConversion');

export const orderConversionFilters = z.strictObject({
  order_id: shortText.optional(),
  decision: z.enum(['told', 'left_out']).optional(),
  follow_up: z.enum(followUpKinds).optional(),
  ...paging,
});
