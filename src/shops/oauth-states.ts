import { createHash, randomBytes } from 'node:crypto';
import type { Sql } from '../db/pool.ts';

export interface ConsentChoices {
  /** Whether the first full syncs start at once. */
  startSync: boolean;
  /** Whether each new shop waits with `sync_enabled: false`. */
  choose: boolean;
}

/** As long as TikTok's own code lives (TikTok Shop Partner Center, "Authorization overview"). */
const minutes = 30;

/** Makes a single-use state that only the browser holding `binding` can bring back. Only hashes are stored. */
export async function createState(sql: Sql, binding: string, choices: ConsentChoices): Promise<string> {
  const state = randomBytes(32).toString('base64url');
  await sql`delete from oauth_states where expires_at < now() - interval '1 day'`;
  await sql`
    insert into oauth_states (state_hash, binding_hash, start_sync, choose, expires_at)
    values (${hash(state)}, ${hash(binding)}, ${choices.startSync}, ${choices.choose},
            now() + make_interval(mins => ${minutes}))`;
  return state;
}

/** Uses a state up. Null, and nothing changed, when it is unknown, used, over, or bound to another browser. */
export async function consumeState(sql: Sql, state: string, binding: string): Promise<ConsentChoices | null> {
  const [row] = await sql<{ start_sync: boolean; choose: boolean }[]>`
    update oauth_states set used_at = now()
    where state_hash = ${hash(state)} and binding_hash = ${hash(binding)}
      and used_at is null and expires_at > now()
    returning start_sync, choose`;
  return row === undefined ? null : { startSync: row.start_sync, choose: row.choose };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
