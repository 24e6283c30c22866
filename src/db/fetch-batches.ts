import type postgres from 'postgres';
import type { Transaction } from './pool.ts';

/** Large enough that the journey does not count, small enough that a dozen batches are nothing. */
const batchSize = 1_000;

/**
 * The rows of a query through a server-side cursor, a batch at a time: as little memory for a million rows as for a
 * thousand. Other statements may run in `tx` between two batches; one reading at a time in a transaction.
 *
 * @param query a `select` as a fragment of `tx`
 */
export async function* fetchBatches<Row extends object>(
  tx: Transaction,
  query: postgres.PendingQuery<postgres.Row[]>,
): AsyncGenerator<Row[], void> {
  await tx`declare batches no scroll cursor for ${query}`;
  while (true) {
    const rows = await tx.unsafe<Row[]>(`fetch forward ${batchSize} from batches`, [], { prepare: true });
    if (rows.length > 0) yield [...rows];
    if (rows.length < batchSize) break;
  }
  await tx`close batches`;
}
