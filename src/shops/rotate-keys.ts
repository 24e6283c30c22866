import type { KeyRing } from '../../encryption/key-ring.ts';
import type { Sql, Transaction } from '../db/pool.ts';
import { wrapContext } from './data-keys.ts';

/** Data keys re-wrapped in one transaction: shops wait for none of them longer than a moment. */
const batch = 100;

/** How many data keys each master key protects, by its id. */
export async function readKeyUse(sql: Sql | Transaction): Promise<Map<string, number>> {
  const rows = await sql<{ id: string; keys: number }[]>`
    select key_ring_id as id, count(*) as keys from data_keys group by key_ring_id order by key_ring_id`;
  return new Map(rows.map(({ id, keys }) => [id, keys]));
}

/**
 * Wraps every data key with the newest master key, in place. What they protect (tokens, personal fields) stays as it
 * is. Cut off, it goes on where it stopped when it is called again.
 *
 * @param onProgress told after each transaction how many were done by this call.
 * @returns how many were done.
 */
export async function rewrapDataKeys(
  sql: Sql,
  keyRing: KeyRing,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  const { newestKeyId } = keyRing;
  let done = 0;
  while (true) {
    const count = await sql.begin(async (tx) => {
      const rows = await tx<{ id: number; wrapped: Buffer }[]>`
        select data_key_id as id, wrapped_key as wrapped from data_keys where key_ring_id <> ${newestKeyId}
        order by data_key_id limit ${batch} for update`;
      for (const { id, wrapped } of rows) {
        const rewrapped = keyRing.wrap(keyRing.unwrap(wrapped, wrapContext(id)), wrapContext(id));
        await tx`
          update data_keys set wrapped_key = ${rewrapped}, key_ring_id = ${newestKeyId} where data_key_id = ${id}`;
      }
      return rows.length;
    });
    if (count === 0) return done;
    done += count;
    onProgress(done);
  }
}

/** Does `work` with the key use while nobody can wrap a data key. */
export async function withKeyUseHeld<Result>(
  sql: Sql,
  work: (use: ReadonlyMap<string, number>) => Result,
): Promise<Result> {
  return sql.begin(async (tx) => {
    await tx`lock table data_keys in share mode`;
    return work(await readKeyUse(tx));
  }) as Promise<Result>;
}
