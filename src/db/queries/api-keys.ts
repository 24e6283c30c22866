import type { Sql, Transaction } from '../pool.ts';

/** A key without its secret. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: string[];
  /** Null: every shop. */
  shops: string[] | null;
  created_at: string;
  /** Null: it does not end by itself. */
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** A row of `api_keys` but for what the key is checked by. */
export interface KeyRow {
  api_key_id: string;
  name: string;
  scopes: string[];
  shop_ids: string[] | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

/** Whose keys somebody may see: their own, and as an admin every one that is bound to no other shops than theirs. */
export interface KeyViewer {
  /** Null for the key of the environment. */
  keyId: string | null;
  isAdmin: boolean;
  /** Null: every shop. */
  shopIds: readonly string[] | null;
}

export function maySeeKey({ keyId, isAdmin, shopIds }: KeyViewer, key: ApiKey): boolean {
  if (key.id === keyId) return true;
  if (!isAdmin) return false;
  return shopIds === null || (key.shops?.every((shop) => shopIds.includes(shop)) ?? false);
}

const columns = `api_key_id, name, scopes, shop_ids, created_at, expires_at, last_used_at, revoked_at`;

/** All keys, newest first, the revoked ones too. */
export async function listKeys(sql: Sql | Transaction): Promise<ApiKey[]> {
  const rows = await sql<KeyRow[]>`
    select ${sql.unsafe(columns)} from api_keys order by created_at desc, api_key_id`;
  return rows.map(describeKey);
}

/** A key by its id, also when it is revoked; null when there is none. */
export async function readKey(sql: Sql, id: string): Promise<ApiKey | null> {
  const [row] = await sql<KeyRow[]>`select ${sql.unsafe(columns)} from api_keys where api_key_id = ${id}`;
  return row === undefined ? null : describeKey(row);
}

export function describeKey(row: KeyRow): ApiKey {
  return {
    id: row.api_key_id,
    name: row.name,
    scopes: row.scopes,
    shops: row.shop_ids,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
}
