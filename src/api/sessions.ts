import { createHash, randomBytes } from 'node:crypto';
import type { Sql } from '../db/pool.ts';
import { isValid } from './keys.ts';
import { environmentPrincipal, type Principal, type Scope } from './principal.ts';

export const sessionCookie = 'tideline_session';
export const sessionSeconds = 30 * 24 * 3600;

/** Opens a session for a principal that has shown its key; the token goes into the cookie and nowhere else. */
export async function openSession(
  sql: Sql,
  principal: Principal,
  environmentKey: string | null,
): Promise<{ token: string; expiresAt: Date }> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(Date.now() + sessionSeconds * 1000);
  const row = {
    session_hash: hashToken(token, principal.keyId === null ? environmentKey : null),
    api_key_id: principal.keyId,
    expires_at: expiresAt,
  };
  await sql`delete from sessions where expires_at < now()`;
  await sql`insert into sessions ${sql(row)}`;
  return { token, expiresAt };
}

/** The principal behind a session cookie; null when it is unknown or over, or its key was revoked or is over. */
export async function findPrincipalBySession(
  sql: Sql,
  token: string,
  environmentKey: string | null,
): Promise<Principal | null> {
  if (!/^[\w-]{43}$/.test(token)) return null;
  const [row] = await sql<{ api_key_id: string | null; scopes: Scope[] | null; shop_ids: string[] | null }[]>`
    select sessions.api_key_id, api_keys.scopes, api_keys.shop_ids
    from sessions left join api_keys using (api_key_id)
    where sessions.session_hash in ${sql(candidates(token, environmentKey))}
      and sessions.expires_at > now() and ${isValid(sql)}`;
  if (!row) return null;
  if (row.api_key_id === null) return environmentPrincipal;
  return { keyId: row.api_key_id, scopes: row.scopes ?? [], shopIds: row.shop_ids };
}

/** Ends a session. */
export async function closeSession(sql: Sql, token: string, environmentKey: string | null): Promise<void> {
  await sql`delete from sessions where session_hash in ${sql(candidates(token, environmentKey))}`;
}

function candidates(token: string, environmentKey: string | null): Buffer[] {
  const hashes = [hashToken(token, null)];
  if (environmentKey !== null) hashes.push(hashToken(token, environmentKey));
  return hashes;
}

/** A session of the environment's key is hashed with that key: it ends when the key is changed. */
function hashToken(token: string, environmentKey: string | null): Buffer {
  const hash = createHash('sha256').update(token);
  if (environmentKey !== null) hash.update('\0').update(environmentKey);
  return hash.digest();
}
