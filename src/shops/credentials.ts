import type { Sql, Transaction } from '../db/pool.ts';
import type { TokenGrant } from '../sources/tiktok-shop/auth-schemas.ts';
import type { DataKey, DataKeys } from './data-keys.ts';

/** One grant as stored; tokens are still encrypted. */
export interface CredentialRow {
  credential_id: number;
  app_key: string;
  open_id: string;
  data_key_id: number;
  access_token: Buffer;
  access_token_expires_at: Date;
  refresh_token: Buffer;
  version: number;
  status: 'active' | 'revoked';
  refresh_started_at: Date | null;
  refreshed_at: Date | null;
  created_at: Date;
}

/** When the present access token dies, and how long it was given. */
export interface TokenLife {
  expiresAt: number;
  /** Milliseconds; zero or less when upstream's times make no sense. */
  lifetimeMs: number;
}

type Token = 'access-token' | 'refresh-token';

/** Opens one token of a grant. Throws TidelineError for the operator when the keys do not fit. */
export async function openToken(
  sql: Sql | Transaction,
  dataKeys: DataKeys,
  row: Pick<CredentialRow, 'app_key' | 'open_id' | 'data_key_id'>,
  token: Token,
  envelope: Buffer,
): Promise<string> {
  const key = await dataKeys.load(sql, row.data_key_id);
  return key.decrypt(envelope, context(token, row.app_key, row.open_id)).toString('utf8');
}

export function tokenLife(row: CredentialRow): TokenLife {
  const expiresAt = row.access_token_expires_at.getTime();
  return { expiresAt, lifetimeMs: expiresAt - (row.refreshed_at ?? row.created_at).getTime() };
}

/** The grant, held against other refreshers until the transaction ends; new shops may still refer to it. */
export async function lockCredential(tx: Transaction, credentialId: number): Promise<CredentialRow | null> {
  const [row] = await tx<CredentialRow[]>`
    select * from credentials where credential_id = ${credentialId} for no key update`;
  return row ?? null;
}

/** Puts the new pair in place of the old one, in one statement: half a pair would end the grant. */
export async function storeRefreshedTokens(
  tx: Transaction,
  row: CredentialRow,
  key: DataKey,
  grant: TokenGrant,
  now: Date,
): Promise<number> {
  const sealed = sealTokens(key, row.app_key, row.open_id, grant);
  const [updated] = await tx<{ version: number }[]>`
    update credentials set
      access_token = ${sealed.accessToken}, access_token_expires_at = ${grant.access_token_expire_in},
      refresh_token = ${sealed.refreshToken}, refresh_token_expires_at = ${grant.refresh_token_expire_in},
      granted_scopes = coalesce(${grant.granted_scopes}, granted_scopes),
      version = version + 1, status = 'active', refreshed_at = ${now}, refresh_started_at = null
    where credential_id = ${row.credential_id}
    returning version`;
  if (updated === undefined) throw new Error('The grant vanished under its lock.');
  return updated.version;
}

/**
 * Stores the grant of a consent; a grant of the same seller and app is replaced and keeps its id and data key.
 *
 * @returns its id.
 */
export async function storeGrant(
  tx: Transaction,
  dataKeys: DataKeys,
  appKey: string,
  grant: TokenGrant & { open_id: string },
  now: Date,
): Promise<number> {
  // Two first consents of one seller at once would both find no row to lock.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`grant ${appKey} ${grant.open_id}`}, 0))`;
  const [known] = await tx<{ credential_id: number; data_key_id: number }[]>`
    select credential_id, data_key_id from credentials
    where app_key = ${appKey} and open_id = ${grant.open_id} for no key update`;
  const key = known === undefined ? await dataKeys.create(tx) : await dataKeys.load(tx, known.data_key_id);
  const sealed = sealTokens(key, appKey, grant.open_id, grant);
  const values = {
    app_key: appKey,
    open_id: grant.open_id,
    seller_name: grant.seller_name,
    seller_region: grant.seller_base_region,
    user_type: grant.user_type,
    granted_scopes: grant.granted_scopes,
    data_key_id: key.dataKeyId,
    access_token: sealed.accessToken,
    access_token_expires_at: grant.access_token_expire_in,
    refresh_token: sealed.refreshToken,
    refresh_token_expires_at: grant.refresh_token_expire_in,
    status: 'active',
    refreshed_at: now,
    refresh_started_at: null,
  };
  if (known === undefined) {
    const [created] = await tx<{ credential_id: number }[]>`
      insert into credentials ${tx(values)} returning credential_id`;
    if (created === undefined) throw new Error('The grant was not stored.');
    return created.credential_id;
  }
  await tx`
    update credentials set ${tx(values)}, version = version + 1 where credential_id = ${known.credential_id}`;
  return known.credential_id;
}

/** Deletes those of the grants that no shop uses any more, tokens and data keys with them. */
export async function destroyUnusedGrants(tx: Transaction, credentialIds: readonly number[]): Promise<void> {
  if (credentialIds.length === 0) return;
  const gone = await tx<{ data_key_id: number }[]>`
    delete from credentials c
    where credential_id in ${tx([...credentialIds])}
      and not exists (select 1 from shops s where s.credential_id = c.credential_id)
    returning data_key_id`;
  const keys = gone.map((row) => row.data_key_id);
  if (keys.length > 0) await tx`delete from data_keys where data_key_id in ${tx(keys)}`;
}

function sealTokens(key: DataKey, appKey: string, openId: string, grant: TokenGrant) {
  return {
    accessToken: key.encrypt(grant.access_token, context('access-token', appKey, openId)),
    refreshToken: key.encrypt(grant.refresh_token, context('refresh-token', appKey, openId)),
  };
}

function context(token: Token, appKey: string, openId: string) {
  return { purpose: token, owner: `${appKey}/${openId}` };
}
