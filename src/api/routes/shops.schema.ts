import { z } from '@hono/zod-openapi';
import { isTimeZone } from '../../shops/time-zone.ts';
import { flag, shortText, time } from './common.schema.ts';

export const shop = z
  .strictObject({
    id: z.string().openapi({ example: 'shop-1' }),
    tiktok_shop_id: z.string(),
    name: z.string(),
    region: z.string().openapi({ example: 'US' }),
    currency: z.string().nullable(),
    time_zone: z.string().openapi({ description: 'An IANA name or a fixed offset', example: '-08:00' }),
    status: z.enum(['active', 'parked', 'disconnected']),
    sync_enabled: z.boolean(),
    connected_at: time,
    access_token_expires_at: time.nullable(),
    seller_center: z.enum(['off', 'active', 'parked']).openapi({
      description:
        "The owner's own session there; `parked`: it ended, and its owner has to hand over a new one",
    }),
    last_error: z.unknown().openapi({ type: ['object', 'null'] }),
  })
  .openapi('Shop');

export const shopChange = z
  .strictObject({
    time_zone: shortText
      .refine(
        isTimeZone,
        'must be an IANA time zone such as America/Los_Angeles or a fixed offset such as -08:00.',
      )
      .optional()
      .openapi({ example: '-08:00' }),
    sync_enabled: z.boolean().optional(),
  })
  .openapi({ minProperties: 1 });

export const shopDeletion = z
  .strictObject({
    erase: flag.default(false).openapi({ default: false, description: '`true`: erase what was stored.' }),
    dry_run: flag
      .default(false)
      .openapi({ default: false, description: 'With `erase=true`: counts only; nothing is changed.' }),
  })
  .refine((query) => query.erase || !query.dry_run, { path: ['dry_run'], message: 'needs erase=true.' });

export const connectQuery = z.strictObject({
  sync: flag
    .default(true)
    .openapi({ default: true, description: '`false`: nothing starts until it is asked for.' }),
  choose: flag
    .default(false)
    .openapi({ default: false, description: '`true`: each shop waits with `sync_enabled: false`.' }),
  link: shortText.optional().openapi({ description: 'A one-time link made on the command line.' }),
});

export const callbackQuery = z.object({
  state: z.string('is missing.').min(1, 'is missing.').max(200, 'must have at most 200 characters.'),
  code: z.string().max(2000).optional(),
  error: z.string().max(200).optional(),
});
