import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sql, Transaction } from '../db/pool.ts';
import { type ApiKey, describeKey, type KeyRow } from '../db/queries/api-keys.ts';
import { TidelineError } from '../errors.ts';
import { type Principal, type Scope, scopes } from './principal.ts';

const prefix = 'tdl_';

export interface NewKey {
  name: string;
  scopes: readonly Scope[];
  /** Null: every shop. */
  shopIds: readonly string[] | null;
  /** Absent or null: never. */
  expiresAt?: Date | null;
}

/** Makes the admin key of a new installation; null when a valid admin key exists. The key is told only here. */
export async function ensureFirstKey(sql: Sql): Promise<string | null> {
  return sql.begin(async (transaction) => {
    // Two processes that start together must not print two keys.
    await transaction`select pg_advisory_xact_lock(hashtext('tideline.first-key'))`;
    const [existing] = await transaction`
      select 1 from api_keys where ${isValid(transaction)} and 'admin' = any(scopes) and shop_ids is null limit 1`;
    if (existing) return null;
    const { key, row } = newKey({ name: 'first key', scopes: ['admin'], shopIds: null });
    await transaction`insert into api_keys ${transaction(row)}`;
    return key;
  });
}

/** Makes a key; `key` in the answer is its only appearance. */
export async function createKey(sql: Sql, options: NewKey): Promise<ApiKey & { key: string }> {
  if (options.scopes.length === 0) {
    throw new TidelineError({ code: 'no-scopes', actor: 'user', message: 'A key needs at least one scope.' });
  }
  const { key, row } = newKey(options);
  const [stored] = await sql<KeyRow[]>`insert into api_keys ${sql(row)} returning *`;
  if (!stored) throw new Error('The new key was not stored.');
  return { ...describeKey(stored), key };
}

/** Revokes a key and signs out its sessions; false when there is no such valid key. */
export async function revokeKey(sql: Sql, id: string): Promise<boolean> {
  return sql.begin(async (transaction) => {
    const revoked = await transaction`
      update api_keys set revoked_at = now() where api_key_id = ${id} and revoked_at is null returning 1`;
    await transaction`delete from sessions where api_key_id = ${id}`;
    return revoked.length > 0;
  });
}

/** The principal of a stored key; null when it is unknown, revoked or over. */
export async function findPrincipalByKey(sql: Sql, key: string): Promise<Principal | null> {
  const hash = hashKey(key);
  const [row] = await sql<SecretRow[]>`select * from api_keys where key_hash = ${hash} and ${isValid(sql)}`;
  if (!row || !timingSafeEqual(row.key_hash, hash)) return null;
  const minuteAgo = Date.now() - 60_000;
  if (row.last_used_at === null || row.last_used_at.getTime() < minuteAgo) {
    await sql`update api_keys set last_used_at = now() where api_key_id = ${row.api_key_id}`;
  }
  return { keyId: row.api_key_id, scopes: row.scopes, shopIds: row.shop_ids };
}

/** The condition for a row of `api_keys` that opens something. */
export function isValid(sql: Sql | Transaction) {
  return sql`api_keys.revoked_at is null and (api_keys.expires_at is null or api_keys.expires_at > now())`;
}

/** Compares two secrets in a time that tells nothing about either. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(hashKey(left), hashKey(right));
}

interface SecretRow extends KeyRow {
  key_hash: Buffer;
  scopes: Scope[];
}

function newKey(options: NewKey) {
  const secret = randomBytes(32).toString('base64url');
  const key = `${prefix}${secret}${checksum(secret)}`;
  const row = {
    api_key_id: `key_${randomBytes(9).toString('hex')}`,
    name: options.name,
    key_hash: hashKey(key),
    scopes: scopes.filter((scope) => options.scopes.includes(scope)),
    shop_ids: options.shopIds === null ? null : [...options.shopIds],
    expires_at: options.expiresAt ?? null,
  };
  return { key, row };
}

/** Whether a text is shaped like a stored key, checksum included: 256 random bits, which nobody guesses. */
export function isWellFormed(key: string): boolean {
  const match = /^tdl_([\w-]{43})([\w-]{6})$/.exec(key);
  return match?.[1] !== undefined && checksum(match[1]) === match[2];
}

/** Lets secret scanners and typing errors be told from keys without a look into the database. */
function checksum(secret: string): string {
  return createHash('sha256').update(secret).digest().subarray(0, 4).toString('base64url');
}

function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
