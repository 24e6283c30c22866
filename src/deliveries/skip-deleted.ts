import type { Sql, Transaction } from '../db/pool.ts';
import { outcomeUnknown } from './prepare.ts';

const reason = 'The destination was deleted';

/**
 * Settles what still waits for a destination that is no more. What the platform may have counted already is not called
 * skipped: nobody is left who could find out.
 */
export async function skipDeleted(sql: Sql | Transaction, destinationId: string): Promise<void> {
  await sql`
    update deliveries set status = case when first_sent_at is null then 'SKIPPED' else 'FAILED' end,
      reason = case when first_sent_at is null then ${reason} else ${outcomeUnknown} end,
      next_attempt_at = null, awaited_request = null, claim = null, settled_at = now()
    where destination_id = ${destinationId} and next_attempt_at is not null`;
}
