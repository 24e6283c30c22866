import type { Sql, Transaction } from '../db/pool.ts';

const reason = 'The destination was deleted';

/** Settles what still waits for a destination that is no more. */
export async function skipDeleted(sql: Sql | Transaction, destinationId: string): Promise<void> {
  await sql`
    update deliveries set status = 'SKIPPED', reason = ${reason}, next_attempt_at = null, awaited_request = null,
      claim = null, settled_at = now()
    where destination_id = ${destinationId} and next_attempt_at is not null`;
}
