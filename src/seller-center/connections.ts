import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { DataKey, DataKeys } from '../shops/data-keys.ts';
import {
  defaultBaseUrl,
  defaultLocale,
  defaultPath,
  defaultUserAgent,
  dialectOf,
  type SignatureProfile,
  type SignerSettings,
} from '../sources/seller-center/connection.ts';
import { isCookie, parseCookie, sellerIdOf, sessionEndOf } from '../sources/seller-center/cookie.ts';
import { type ApiError, type StoredError, toStoredError } from '../sources/tiktok-shop/errors.ts';
import type {
  SellerCenterChanges,
  SellerCenterConfig,
  SellerCenterRecord,
  SellerCenterSession,
} from './settings.ts';

/** A connection as stored; its session is still encrypted. */
export interface ConnectionRow {
  shop_id: string;
  base_url: string | null;
  path: string;
  seller_id: string;
  session: Buffer;
  session_fingerprint: Buffer;
  session_ends_at: Date | null;
  user_agent: string;
  locale: string;
  signer: string;
  profile: SignatureProfile;
  signer_settings: SignerSettings;
  status: 'active' | 'parked';
  last_error: StoredError | null;
  from_environment: boolean;
  connected_at: Date;
}

type Database = Sql | Transaction;

export async function findConnection(sql: Database, shopId: string): Promise<ConnectionRow | null> {
  const [row] = await sql<ConnectionRow[]>`
    select * from seller_center_connections where shop_id = ${shopId}`;
  return row ?? null;
}

/** The connection as it is shown; `off` where there is none. */
export async function readConnection(
  sql: Database,
  shopId: string,
  config: Pick<SellerCenterConfig, 'baseUrl'>,
): Promise<SellerCenterRecord> {
  const row = await findConnection(sql, shopId);
  if (row === null) return { shop_id: shopId, ...nothing };
  const { path, seller_id, user_agent, locale, signer, profile, signer_settings } = row;
  return {
    shop_id: shopId,
    status: row.status,
    base_url: await baseUrlOf(sql, row, config),
    ...{ path, dialect: dialectOf(path), seller_id, user_agent, locale, signer, profile, signer_settings },
    connected_at: row.connected_at.toISOString(),
    log_in_again_before: row.session_ends_at?.toISOString() ?? null,
    from_environment: row.from_environment,
    last_error: row.last_error,
  };
}

/** The seller center of a connection: its own, that of the environment, or that of the shop's region. */
export async function baseUrlOf(
  sql: Database,
  row: Pick<ConnectionRow, 'shop_id' | 'base_url'>,
  { baseUrl }: Pick<SellerCenterConfig, 'baseUrl'>,
): Promise<string> {
  if (row.base_url !== null) return row.base_url;
  if (baseUrl !== null) return baseUrl;
  const [shop] = await sql<{ region: string }[]>`select region from shops where shop_id = ${row.shop_id}`;
  return defaultBaseUrl(shop?.region ?? '');
}

export interface ConnectOptions {
  sql: Sql;
  dataKeys: DataKeys;
  config: SellerCenterConfig;
  shopId: string;
  session: SellerCenterSession;
  changes?: SellerCenterChanges;
  /** The session came with the environment, not from a person who just handed it over. */
  fromEnvironment?: boolean;
}

/**
 * Stores the session that an owner handed over, sealed, and lets the source be used. Settings that are not given stay
 * what they were, or are the defaults.
 *
 * @throws TidelineError 400 when the cookie is none or nothing names the seller.
 */
export async function connectSellerCenter(options: ConnectOptions): Promise<void> {
  const { sql, dataKeys, config, shopId, session, changes = {}, fromEnvironment = false } = options;
  const { cookie, fp, sellerId } = readSession(session);
  await sql.begin(async (tx) => {
    const key = await lockShopKey(tx, dataKeys, shopId);
    const known = await findConnection(tx, shopId);
    const stored = {
      ...settingsOf(known, changes, config),
      seller_id: sellerId,
      session: sealSession(key, shopId, { cookie, fp }),
      session_fingerprint: fingerprintOf(key, { cookie, fp, sellerId }),
      session_ends_at: sessionEndOf(cookie),
      status: 'active',
      last_error: null,
      from_environment: fromEnvironment,
    };
    await tx`
      insert into seller_center_connections ${tx({ shop_id: shopId, ...stored })}
      on conflict (shop_id) do update set ${tx(stored)}, connected_at = now(), updated_at = now()`;
  });
}

/** Changes settings. A parked source stays parked: a new session is what it waits for. Throws TidelineError 409 when off. */
export async function changeConnection(
  sql: Sql,
  shopId: string,
  changes: SellerCenterChanges,
  config: SellerCenterConfig,
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select 1 from seller_center_connections where shop_id = ${shopId} for update`;
    const known = await findConnection(tx, shopId);
    if (known === null) throw notConnected(shopId);
    await tx`
      update seller_center_connections set ${tx(settingsOf(known, changes, config))}, updated_at = now()
      where shop_id = ${shopId}`;
  });
}

/** Forgets the session and every setting. Returns whether there was one. */
export async function disconnectSellerCenter(sql: Database, shopId: string): Promise<boolean> {
  const gone = await sql`delete from seller_center_connections where shop_id = ${shopId}`;
  return gone.count > 0;
}

/** The source asks nothing more until its owner hands over another session than the one that failed. */
export async function parkSellerCenter(sql: Sql, row: ConnectionRow, error: ApiError): Promise<void> {
  await sql`
    update seller_center_connections set status = 'parked', last_error = ${sql.json({ ...toStoredError(error) })},
      updated_at = now()
    where shop_id = ${row.shop_id} and session_fingerprint = ${row.session_fingerprint}`;
}

/** Cookie and browser mark of a connection. Throws TidelineError for the operator when the keys do not fit. */
export async function openSession(
  sql: Database,
  dataKeys: DataKeys,
  { shop_id: shopId, session }: ConnectionRow,
): Promise<{ cookie: string; fp: string | null }> {
  const key = await shopKey(sql, dataKeys, shopId);
  return JSON.parse(key.decrypt(session, context(shopId)).toString('utf8'));
}

/** @throws TidelineError 409 */
export function notConnected(shopId: string): TidelineError {
  return new TidelineError({
    code: 'seller-center-not-connected',
    message: `The seller center is not connected for ${shopId}.`,
    action: 'Hand over a session of your own first, or upload the workbook instead.',
    actor: 'user',
    status: 409,
  });
}

/** Recognises a session without keeping it. */
export function fingerprintOf(
  key: DataKey,
  { cookie, fp, sellerId }: { cookie: string; fp: string | null; sellerId: string },
): Buffer {
  return key.fingerprint(JSON.stringify([cookie, fp, sellerId]), 'seller-center-session');
}

/** Throws TidelineError 400 when the parts of a session do not make one. */
export function readSession(session: SellerCenterSession): {
  cookie: string;
  fp: string | null;
  sellerId: string;
} {
  const cookie = session.cookie.trim().replace(/^cookie:\s*/i, '');
  if (!isCookie(cookie)) {
    throw unfit('cookie', 'is not what a browser sends as its cookie: name=value, separated by semicolons.');
  }
  const sellerId = session.sellerId ?? sellerIdOf(cookie);
  if (sellerId === null) throw unfit('seller_id', 'is missing, and the cookie does not tell it.');
  return { cookie, sellerId, fp: session.fp ?? parseCookie(cookie).get('s_v_web_id') ?? null };
}

function unfit(field: string, fault: string): TidelineError {
  return new TidelineError({
    code: 'seller-center-credentials-missing',
    message: `${field} ${fault}`,
    action: 'Copy the whole Cookie header of a request that your browser sends to the seller center.',
    actor: 'user',
  });
}

function settingsOf(known: ConnectionRow | null, changes: SellerCenterChanges, config: SellerCenterConfig) {
  return {
    base_url: changes.baseUrl === undefined ? (known?.base_url ?? null) : changes.baseUrl,
    path: changes.path ?? known?.path ?? defaultPath,
    user_agent: changes.userAgent ?? known?.user_agent ?? defaultUserAgent,
    locale: changes.locale ?? known?.locale ?? defaultLocale,
    signer: changes.signer ?? known?.signer ?? config.signer,
    profile: changes.profile ?? known?.profile ?? config.profile,
    signer_settings: signerSettingsOf(known, changes),
  };
}

function signerSettingsOf(known: ConnectionRow | null, { signerSettings: given }: SellerCenterChanges) {
  const stored = known?.signer_settings;
  const merged = (name: keyof SignerSettings): number | null => {
    const value = given?.[name];
    return value === undefined ? (stored?.[name] ?? null) : value;
  };
  return { envcode: merged('envcode'), ubcode: merged('ubcode'), canvas: merged('canvas') };
}

/** Held until the transaction ends, so that a shop which is being erased takes nothing new. */
export async function lockShopKey(tx: Transaction, dataKeys: DataKeys, shopId: string): Promise<DataKey> {
  await tx`select 1 from shops where shop_id = ${shopId} for no key update`;
  return shopKey(tx, dataKeys, shopId);
}

async function shopKey(sql: Database, dataKeys: DataKeys, shopId: string): Promise<DataKey> {
  const [shop] = await sql<{ data_key_id: number | null; status: string }[]>`
    select data_key_id, status from shops where shop_id = ${shopId}`;
  if (shop?.data_key_id == null || shop.status === 'disconnected') {
    throw new TidelineError({
      code: 'shop-disconnected',
      message: `${shopId} is disconnected.`,
      action: 'Connect the shop again.',
      actor: 'user',
      status: 409,
    });
  }
  return dataKeys.load(sql, shop.data_key_id);
}

function sealSession(key: DataKey, shopId: string, session: { cookie: string; fp: string | null }): Buffer {
  return key.encrypt(JSON.stringify(session), context(shopId));
}

function context(shopId: string) {
  return { purpose: 'seller-center-session', owner: shopId };
}

const nothing: Omit<SellerCenterRecord, 'shop_id'> = {
  status: 'off',
  ...{ base_url: null, path: null, dialect: null, seller_id: null, user_agent: null, locale: null },
  ...{ signer: null, profile: null, signer_settings: null, connected_at: null, log_in_again_before: null },
  from_environment: false,
  last_error: null,
};
