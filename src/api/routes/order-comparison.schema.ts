import { z } from '@hono/zod-openapi';
import { money, orNull } from './common.schema.ts';

export const comparedDay = z
  .strictObject({
    date: z.iso.date(),
    currency: z.string().nullable(),
    orders_gmv: money.openapi({
      description: 'Paid orders by the day of payment, cancelled ones included, at what their items sold for',
    }),
    tiktok_gmv: orNull(money).openapi({ description: 'Null for a day that was not read' }),
    difference: orNull(money).openapi({ description: 'Orders less TikTok' }),
    explained: z
      .strictObject({
        cancelled: orNull(money),
        time_zone: orNull(money),
        restated: orNull(money),
        other: orNull(money),
      })
      .openapi({ description: 'Parts that add up to the difference' }),
    settled: z.boolean().nullable().openapi({ description: "Whether TikTok's figure is final" }),
  })
  .openapi('OrderComparison');
