import type { Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { BackupTable } from './format.ts';
import { copyTarget } from './tables.ts';

/** One table's COPY into the database. */
export interface RowWriter {
  /** Resolves when the bytes are on their way, so that no more than one chunk waits in memory. */
  write(chunk: Buffer): Promise<void>;
  /** Resolves when PostgreSQL has taken all rows. */
  finish(): Promise<void>;
}

export async function openRowWriter(tx: Transaction, table: BackupTable): Promise<RowWriter> {
  const stream = await tx.unsafe(`copy ${copyTarget(table)} from stdin`).writable();
  let refusal: Error | null = null;
  stream.on('error', (error: Error) => {
    refusal = error;
  });
  const refused = (cause: unknown): TidelineError =>
    new TidelineError({
      code: 'restore-refused',
      message: `PostgreSQL did not take the rows of ${table.table}: ${(refusal ?? (cause as Error)).message}.`,
      actor: 'operator',
      action: "Nothing was changed. The server's log says more; check its disk space.",
      cause: refusal ?? cause,
    });
  return {
    async write(chunk) {
      await new Promise<void>((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(refused(error)) : resolve()));
      });
    },
    async finish() {
      stream.end();
      // What the server refuses only at the end ends neither the stream nor its query; the next statement tells it.
      await new Promise((resolve) => setImmediate(resolve));
      try {
        await tx`select 1`;
      } catch (cause) {
        throw refused(cause);
      }
    },
  };
}
