import { z } from '@hono/zod-openapi';
import { orNull, paging, time } from './common.schema.ts';
import { freshness, runStatus } from './sync.schema.ts';

const count = z.int().nonnegative();

const window = z
  .strictObject({
    axis: z.enum(['create_time', 'update_time']),
    from: time,
    to: time,
    reason: z.enum(['totals', 'gap', 'recent_changes', 'open_orders', 'stored_row']).openapi({
      description:
        'Why it was looked at: the comparison of totals, a gap of the ledger, changes since the last ' +
        'reconciliation, open orders, or rows whose page was lost',
    }),
    status: z.enum(['pending', 'equal', 'repaired', 'different']),
    upstream_count: count.nullable(),
    stored_count: count.nullable().openapi({ description: 'Before the repair' }),
    missing_repaired: count,
    changed_repaired: count,
    unexpected: count.openapi({ description: 'Stored, but no longer listed by TikTok; never deleted' }),
    missing_ids: z.array(z.string()).openapi({ description: 'At most 100' }),
    unexpected_ids: z.array(z.string()).openapi({ description: 'At most 100' }),
  })
  .openapi('ReconciliationWindow');

export const reconciliation = z
  .strictObject({
    run_id: z.string(),
    status: runStatus,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    compared_to: time.openapi({ description: 'Orders created before it were compared' }),
    overlap_s: count.openapi({ description: 'The overlap of incremental syncs when it was planned' }),
    api_calls: count,
    rows_checked: count.openapi({ description: 'Stored rows held against the pages they came from' }),
    damaged_repaired: count,
    missing_repaired: count,
    changed_repaired: count,
    unexpected: count,
    open_orders: z.strictObject({
      due: count.openapi({ description: 'Open orders that were to be read again' }),
      left: count.openapi({ description: 'Of these, left for the next reconciliation' }),
    }),
    freshness: orNull(freshness),
    windows_total: count,
    windows: z.array(window).openapi({ description: 'At most 200; those that were not equal come first' }),
  })
  .openapi('Reconciliation');

export const reconciliationListQuery = z.strictObject({ ...paging });
