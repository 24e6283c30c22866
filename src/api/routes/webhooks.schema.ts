import { z } from '@hono/zod-openapi';
import { webhookStatuses } from '../../db/queries/webhook-events.ts';
import { paging, shortText, time, timeInput } from './common.schema.ts';

export const webhookEvent = z
  .strictObject({
    id: z.string().openapi({ example: 'whe_42' }),
    source: z.string().openapi({ example: 'stripe' }),
    source_id: z.string().openapi({ description: "The source's id, or a keyed hash where it gives none" }),
    topic: z.string().openapi({ example: 'checkout.session.completed' }),
    status: z.enum(webhookStatuses),
    reason: z.string().nullable(),
    receipts: z.int().openapi({ description: 'How often it came' }),
    attempts: z.int(),
    next_attempt_at: time.nullable(),
    received_at: time,
    processed_at: time.nullable(),
    replayable: z.boolean().openapi({ description: 'Whether its body is still kept' }),
  })
  .openapi('WebhookEvent');

export const webhookFilters = z.strictObject({
  source: shortText.optional(),
  status: z.enum(webhookStatuses).optional(),
  topic: shortText.optional(),
  from: timeInput.optional(),
  to: timeInput.optional(),
  ...paging,
});

export const webhookParameter = z.object({ webhook_id: shortText });
