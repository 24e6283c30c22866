import { z } from '@hono/zod-openapi';
import { deliveryStatuses } from '../../conversions/types.ts';
import { orNull, paging, shortText, time, timeInput } from './common.schema.ts';

const status = z.enum(deliveryStatuses, `must be one of ${deliveryStatuses.join(', ')}.`);

const fields = {
  id: z.string().openapi({ example: 'dlv_42' }),
  event_id: z.string(),
  event_name: z.string(),
  platform_event: z
    .string()
    .nullable()
    .openapi({ description: "The platform's name; known once it was prepared" }),
  destination: z.string(),
  destination_kind: z.string(),
  status,
  paused: z.boolean().openapi({ description: 'It waits because its destination is paused' }),
  reason: z.string().nullable(),
  attempt_count: z.int(),
  next_attempt_at: time.nullable(),
  created_at: time,
  settled_at: time.nullable(),
};

export const delivery = z.strictObject(fields).openapi('Delivery');

const attempt = z.strictObject({
  at: time,
  outcome: z.string(),
  reason: z.string().nullable(),
  request_path: z.string(),
  request_body: z
    .string()
    .nullable()
    .openapi({ description: 'As it was sent, with this event alone in its list' }),
  response_code: z.int().nullable().openapi({ description: 'HTTP status; null when no whole answer came' }),
  response_body: z.string().nullable(),
  platform_request_id: z.string().nullable(),
  duration_ms: z.int().nullable(),
  mapping_version: z.int(),
});

export const deliveryDetail = z
  .strictObject({ ...fields, attempts: z.array(attempt) })
  .openapi('DeliveryDetail');

const filters = {
  destination: shortText.optional(),
  event_name: shortText.optional(),
  event_id: z.string().min(1).max(256).optional(),
  reason: shortText.optional().openapi({ description: 'The reason, or how it begins' }),
  from: timeInput.optional(),
  to: timeInput.optional(),
};

const statuses = z.union([status.transform((one) => [one]), z.array(status).max(10)]);

export const deliveryFilters = z.strictObject({ status: statuses.optional(), ...filters, ...paging });

export const deliveryParameter = z.object({ delivery_id: shortText });
export const replayParameter = z.object({ replay_id: shortText });

const confirm = z
  .boolean()
  .default(false)
  .openapi({ description: 'Send, too, what the platform may count twice' });

export const replayOne = z.strictObject({ confirm });

export const replayRequest = z
  .strictObject({
    filter: z.strictObject({ status: statuses.optional(), ...filters }).default({}),
    dry_run: z.boolean().default(false).openapi({ description: 'Only say what would be sent' }),
    confirm,
  })
  .openapi('ReplayRequest');

const count = z.int().nonnegative();
const plan = { would_send: count, too_old: count, would_count_twice: count };

export const replayPlan = z
  .strictObject({ dry_run: z.literal(true), ...plan, summary: z.string() })
  .openapi('ReplayPlan');

export const replay = z
  .strictObject({
    replay_id: z.string(),
    status: z.enum(['running', 'cancelled']),
    deliveries: count.openapi({ description: 'That it has sent or sends again' }),
    ...plan,
  })
  .openapi('Replay');

export const preview = z
  .strictObject({
    data: z.array(
      z.strictObject({
        destination: z.string(),
        destination_kind: z.string(),
        platform_event: z.string().nullable(),
        skip_reason: z.string().nullable(),
        request: orNull(z.strictObject({ method: z.string(), url: z.string(), body: z.string().nullable() })),
        missing: z.array(z.string()),
      }),
    ),
  })
  .openapi('ConversionPreview');
