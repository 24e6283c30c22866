import { z } from '@hono/zod-openapi';
import { streamNames } from '../../analytics/streams.ts';
import { durationSeconds } from '../../sync/schedules.ts';
import { runDayStatuses, streams } from '../../sync/types.ts';
import { orNull, paging, shopParameter, shortText, time, timeInput } from './common.schema.ts';

export const syncMode = z.enum(['full', 'incremental', 'window']);
export const runMode = z.enum([...syncMode.options, 'reconcile']);
export const stream = z.enum(streams);
export const runStream = z.enum([...stream.options, 'reconcile']);
export const runStatus = z.enum([
  'queued',
  'running',
  'paused',
  'completed',
  'completed_with_differences',
  'failed',
  'cancelled',
]);

const count = z.int().nonnegative();

export const startedRun = z
  .strictObject({
    run_id: z.string().openapi({ example: 'run_01j9z' }),
    workflow_id: z.string().openapi({ example: 'orderSync/shop-1' }),
    mode: runMode,
    already_running: z.boolean(),
    temporal_ui_url: z.string().nullable(),
  })
  .openapi('StartedRun');

export const progress = z
  .strictObject({
    orders_done: count,
    orders_expected: count.nullable(),
    percent: z.number().min(0).max(100).nullable(),
    rate_per_s: z.number().nonnegative(),
    eta_s: z.number().nonnegative().nullable(),
  })
  .openapi('Progress');

export const runError = z
  .strictObject({
    code: z.string(),
    title: z.string(),
    action: z.string().nullable(),
    request_id: z.string().nullable(),
  })
  .openapi('RunError');

export const run = z
  .strictObject({
    run_id: z.string(),
    shop_id: z
      .string()
      .nullable()
      .openapi({ description: 'Null: an export of a list that belongs to no shop' }),
    stream: z.enum([...runStream.options, 'export']),
    mode: z.enum([...runMode.options, 'export']),
    status: runStatus,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    window: z.strictObject({ from: time, to: time }).nullable(),
    progress: orNull(progress),
    counts: z.strictObject({
      fetched: count,
      written: count.openapi({ description: 'Rows that were new or changed' }),
      unchanged: count,
      quarantined: count.openapi({ description: 'Records set aside; a later full sync tries them again' }),
      api_calls: count,
      throttled: count,
    }),
    error: orNull(runError),
    workflow_id: z.string(),
    temporal_ui_url: z.string().nullable(),
  })
  .openapi('Run');

export const backfillDay = z
  .strictObject({
    stream: z.enum(streamNames),
    date: z.string().openapi({ format: 'date' }),
    status: z.enum(runDayStatuses).openapi({
      description:
        '`restated`: figures of an earlier read had changed; `not_permitted`: the scope is not granted; ' +
        '`not_available`: TikTok has no figures for the day yet, or no longer',
    }),
    reason: orNull(runError),
    fetched: count,
    written: count,
    unchanged: count,
    quarantined: count,
  })
  .openapi('BackfillDay');

export const runWithDays = z
  .strictObject({
    // A schema of its own: one that extends a strict one is refused by what it extends.
    ...run.shape,
    days: z
      .array(backfillDay)
      .optional()
      .openapi({ description: 'Of a run of analytics: its units of work' }),
  })
  .openapi('RunWithDays');

export const freshness = z
  .strictObject({
    newest_order_at: time.nullable(),
    gap_s: count.nullable().openapi({ description: 'Seconds since the newest order' }),
    usual_gap_s: z.number().nonnegative().nullable().openapi({
      description: "Seconds between two orders at this hour of this weekday, by the shop's last eight weeks",
    }),
    usual_orders: z.number().nonnegative().nullable().openapi({
      description: 'Orders that the shop usually has in a gap like this one',
    }),
    state: z.enum(['fresh', 'stale', 'unknown']).openapi({
      description: "`stale`: the gap is not in the shop's rhythm; `unknown`: too few orders to know one",
    }),
  })
  .openapi('Freshness');

export const streamStatus = z
  .strictObject({
    status: z.enum(['idle', 'running', 'paused', 'error']),
    metadata: z.strictObject({
      last_full_sync_at: time.nullable(),
      last_full_sync_result: z.enum(['complete', 'completed_with_differences']).nullable(),
      last_sync_at: time.nullable(),
      watermark: time.nullable(),
      orders_total: count.openapi({
        description: 'Records of the stream; of analytics the days of its streams',
      }),
      freshness: orNull(freshness).openapi({ description: 'Of orders' }),
      last_run: z
        .strictObject({
          run_id: z.string(),
          mode: runMode,
          orders_fetched: count,
          orders_written: count,
          api_calls: count,
          duration_ms: count.nullable(),
        })
        .nullable(),
    }),
    progress: orNull(progress),
    error: orNull(runError),
  })
  .openapi('StreamStatus');

const shopStatus = { orders: streamStatus, products: streamStatus, analytics: streamStatus };
export const syncStatus = z.union([
  z.strictObject(shopStatus),
  z.strictObject({ shops: z.array(z.strictObject({ shop_id: z.string(), ...shopStatus })) }),
]);

export const shopInBody = z.strictObject({
  shop_id: shortText.optional().openapi({ description: 'May be left out while one shop is connected.' }),
});
export const shopInQuery = z.strictObject({ shop_id: shortText.optional() });

/** Body of `POST /api/v1/shops/{shop}/syncs`. */
export const syncRequest = z
  .strictObject({ stream, mode: syncMode, from: timeInput.optional(), to: timeInput.optional() })
  .superRefine(({ mode, from, to }, issues) => {
    const fault = (path: string, message: string) =>
      issues.addIssue({ code: 'custom', path: [path], message });
    if (mode !== 'window') {
      if (from !== undefined) fault('from', 'belongs to mode "window" only.');
      if (to !== undefined) fault('to', 'belongs to mode "window" only.');
      return;
    }
    if (from === undefined) fault('from', 'is needed for mode "window".');
    if (to === undefined) fault('to', 'is needed for mode "window".');
    if (from !== undefined && to !== undefined && from >= to) fault('to', 'must lie after "from".');
  })
  .openapi('SyncRequest');

export const runListQuery = z.strictObject({
  stream: runStream.optional(),
  status: runStatus.optional(),
  ...paging,
});

/** One event of a run's stream. */
export const runEvent = z.strictObject({
  event: z.enum(['progress', 'end']),
  id: z.string(),
  data: z.string().openapi({ description: 'JSON: the progress, or the run' }),
  retry: z.int().optional(),
});

export const runParameter = z.object({ run_id: shortText });

const duration = z
  .string()
  .regex(/^(0|[1-9]\d{0,5})[smhd]$/, 'must be a duration such as 30s, 5m, 1h or 1d.')
  .openapi({ example: '5m' });

export const schedule = z
  .strictObject({ every: duration, jitter: duration, paused: z.boolean() })
  .openapi('Schedule');

/** Body of `PUT …/schedules/{stream}`; what is left out stays as it is. */
export const scheduleChange = z.strictObject({
  every: duration
    .refine((text) => {
      const seconds = durationSeconds(text) ?? 0;
      return seconds >= 60 && seconds <= 31 * 86_400;
    }, 'must lie between 1m and 31d.')
    .optional(),
  jitter: duration.optional(),
  paused: z.boolean().optional(),
});

export const scheduleParameter = shopParameter.extend({
  stream: shortText.openapi({
    description: '`orders`, `products`, `analytics`, `reconcile` or `tokens`',
    example: 'orders',
  }),
});
