import { z } from '@hono/zod-openapi';
import { time } from './common.schema.ts';

export const setAside = z
  .strictObject({
    record_id: z
      .string()
      .openapi({ description: "TikTok's id, or `without-id-…` where there is no usable one" }),
    stream: z.string(),
    path: z.string().openapi({ example: 'payment.total_amount' }),
    reason: z.string().openapi({ example: 'not a plain decimal' }),
    first_seen_at: time,
    last_seen_at: time,
    run_id: z.string().nullable().openapi({ description: 'The run that brought it' }),
    tiktok_request_id: z.string().nullable(),
  })
  .openapi('SetAsideRecord');

export const drift = z
  .strictObject({
    stream: z.string(),
    path: z.string().openapi({ example: 'line_items[].scent' }),
    kind: z.enum(['unknown', 'missing', 'retyped', 'new_value']),
    samples: z.array(z.string()).openapi({
      description: 'Shapes of what was met, never what a field held; codes as they are',
      example: ['object {version: whole number}'],
    }),
    occurrences: z.int().nonnegative().openapi({ description: 'At least so often' }),
    first_seen_at: time,
    last_seen_at: time,
  })
  .openapi('Drift');
