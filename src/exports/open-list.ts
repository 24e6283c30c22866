import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, Transaction } from '../db/pool.ts';

export interface OpenList<Batch> {
  /** Fails when the database does. */
  batches: AsyncIterable<Batch>;
  /** Closes the cursor and gives the connection back, wherever the reading stands. Asked twice it does nothing. */
  close(): Promise<void>;
}

/**
 * A connection may be lost while nothing is asked of it, for a reader takes its time. The driver ends the transaction
 * then, but whatever is sent on it afterwards, a rollback too, would end the process: so its work just stops.
 */
const never = new Promise<never>(() => undefined);

/**
 * Begins to read a list: in one snapshot, on a connection of its own, a batch ahead of whoever takes them. The caller
 * closes it, whether or not it was read to its end.
 *
 * @throws what the database throws when there is no connection to be had
 */
export async function openList<Batch>(
  sql: Sql,
  rows: (tx: Transaction) => AsyncIterable<Batch>,
): Promise<OpenList<Batch>> {
  const { readable, writable } = new TransformStream<Batch, Batch>();
  const writer = writable.getWriter();
  let begun = (): void => undefined;
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let isLost = false;
  const transaction = sql.begin('isolation level repeatable read read only', async (tx) => {
    begun();
    try {
      for await (const batch of rows(tx)) {
        await writer.write(batch);
        if (isLost) await never;
      }
    } catch (error) {
      // The driver says so a moment after it has failed what was under way.
      await nextTurn();
      throw isLost ? await never : error;
    }
  });
  // Only a lost connection ends a transaction before its work does.
  transaction.catch(() => {
    isLost = true;
  });
  // The failure of a reading is told to whoever takes its batches, and here to nobody but who begins it.
  transaction
    .then(
      () => writer.close(),
      (error: unknown) => writer.abort(error),
    )
    .catch(ignored);
  await Promise.race([beginning, transaction]);
  const reader = readable.getReader();
  async function* batches(): AsyncGenerator<Batch, void> {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  }
  return {
    batches: batches(),
    async close() {
      // The next write is refused, and the transaction rolls back.
      await reader.cancel().catch(ignored);
      await transaction.catch(ignored);
    },
  };
}

function ignored(): void {
  // The error is told elsewhere.
}
