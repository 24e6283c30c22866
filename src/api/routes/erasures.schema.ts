import { z } from '@hono/zod-openapi';
import { orNull, shortText, time } from './common.schema.ts';

const counts = z
  .record(z.string(), z.int().nonnegative())
  .openapi({ description: 'Rows by table', example: { order_personal: 3 } });

export const erasure = z
  .strictObject({
    erasure_id: z.string().nullable().openapi({ description: 'Null for a rehearsal', example: 'era_0mi8…' }),
    shop_id: z.string().openapi({ example: 'shop-1' }),
    subject: z.enum(['buyer', 'shop']),
    status: z.enum(['running', 'finished', 'rehearsed']),
    requested_at: time,
    finished_at: time.nullable(),
    report: orNull(
      z.strictObject({
        deleted: counts,
        changed: counts.openapi({ description: "Rows that stay without the buyer's id, by table" }),
        remains: z.array(z.strictObject({ what: z.string(), why: z.string() })),
      }),
    ),
  })
  .openapi('Erasure');

export const buyerErasure = z.strictObject({
  buyer_id: shortText.openapi({ description: "TikTok's user id of the buyer, as in `buyer_id` of an order" }),
  dry_run: z.boolean().default(false).openapi({ description: 'Counts only; nothing is changed.' }),
});

export const erasureParameter = z.object({ erasure_id: shortText });
