import type postgres from 'postgres';
import type { Transaction } from './pool.ts';

/**
 * Large enough that the journey does not count; so small that a batch is forgotten again before the garbage collector
 * has to carry it about, which took half of the time with 1,000 rows.
 */
const batchSize = 250;
/**
 * The driver sends what was asked for when the program comes to rest, after the batch at hand was worked on. Of two
 * questions that are on their way PostgreSQL has one to go on with meanwhile.
 */
const batchesAhead = 2;

/**
 * The rows of a query through a server-side cursor, a batch at a time: as little memory for a million rows as for a
 * thousand. PostgreSQL makes the next batch while one is worked on. Other statements may run in `tx` between two
 * batches; one reading at a time in a transaction.
 *
 * @param query a `select` as a fragment of `tx`
 */
export async function* fetchBatches<Row extends object>(
  tx: Transaction,
  query: postgres.PendingQuery<postgres.Row[]>,
): AsyncGenerator<Row[], void> {
  await tx`declare batches no scroll cursor for ${query}`;
  const fetch = (): Promise<Row[]> => {
    const rows = tx.unsafe<Row[]>(`fetch forward ${batchSize} from batches`, [], { prepare: true });
    const fetched = rows.then((all) => [...all]);
    // Told when it is asked for; a reader that leaves before does not ask.
    fetched.catch(() => undefined);
    return fetched;
  };
  const coming = Array.from({ length: batchesAhead }, fetch);
  for (let next = coming.shift(); next !== undefined; next = coming.shift()) {
    const rows = await next;
    const isLast = rows.length < batchSize;
    if (!isLast) coming.push(fetch());
    if (rows.length > 0) yield rows;
    if (isLast) break;
  }
  await tx`close batches`;
}
