import { createHash, randomBytes } from 'node:crypto';
import type { Sql } from '../db/pool.ts';

const minutesValid = 30;

/** Makes a one-time link that begins a consent without a sign-in: for whoever has the machine, on any browser. */
export async function createConnectLink(
  sql: Sql,
  publicUrl: string,
): Promise<{ url: string; expires_at: string }> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(Date.now() + minutesValid * 60_000);
  await sql`delete from connect_links where expires_at < now() - interval '1 day'`;
  await sql`insert into connect_links ${sql({ link_hash: hash(token), expires_at: expiresAt })}`;
  return { url: `${publicUrl}/connect/tiktok-shop?link=${token}`, expires_at: expiresAt.toISOString() };
}

/** Uses up a link; false when it is unknown, used or over. */
export async function redeemConnectLink(sql: Sql, token: string): Promise<boolean> {
  const used = await sql`
    update connect_links set used_at = now()
    where link_hash = ${hash(token)} and used_at is null and expires_at > now()
    returning 1`;
  return used.length > 0;
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
