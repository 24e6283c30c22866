import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { type CipherContext, decrypt, encrypt, keyBytes, readKeyId } from '../../encryption/cipher.ts';
import type { KeyRing } from '../../encryption/key-ring.ts';
import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';

/** Encrypts what belongs to one grant or one shop. Destroying its row makes all of it unreadable. */
export interface DataKey {
  readonly dataKeyId: number;
  encrypt(plaintext: string | Buffer, context: CipherContext): Buffer;
  /** Throws TidelineError for the operator when the ciphertext was changed or moved. */
  decrypt(envelope: Buffer, context: CipherContext): Buffer;
  /** Recognises a value without keeping it: HMAC-SHA256 under a key derived for this purpose. */
  fingerprint(value: string, purpose: string): Buffer;
}

export interface DataKeys {
  create(tx: Transaction): Promise<DataKey>;
  /** From the cache, or from the database. Throws TidelineError when it was destroyed or cannot be unwrapped. */
  load(sql: Sql | Transaction, dataKeyId: number): Promise<DataKey>;
}

/** Keys in memory at once, and how long a destroyed one may go on living there. */
const cacheSize = 1_000;
const cacheMs = 60_000;

export function createDataKeys(keyRing: KeyRing): DataKeys {
  const cache = new Map<number, { key: DataKey; until: number }>();

  return {
    async create(tx) {
      const [next] = await tx<{ id: number }[]>`
        select nextval(pg_get_serial_sequence('data_keys', 'data_key_id')) as id`;
      if (next === undefined) throw new Error('The sequence of data keys gave no number.');
      const secret = randomBytes(keyBytes);
      const wrapped = keyRing.wrap(secret, wrapContext(next.id));
      // Not cached: the transaction may still be rolled back.
      await tx`
        insert into data_keys (data_key_id, key_ring_id, wrapped_key) overriding system value
        values (${next.id}, ${readKeyId(wrapped)}, ${wrapped})`;
      return toDataKey(next.id, secret);
    },

    async load(sql, dataKeyId) {
      const cached = cache.get(dataKeyId);
      if (cached !== undefined && cached.until > performance.now()) return cached.key;
      const [row] = await sql<{ wrapped_key: Buffer }[]>`
        select wrapped_key from data_keys where data_key_id = ${dataKeyId}`;
      cache.delete(dataKeyId);
      if (row === undefined) {
        throw new TidelineError({
          code: 'data-key-destroyed',
          message: 'What was asked for has been erased: its encryption key was destroyed.',
          actor: 'operator',
          action: 'Connect the shop again.',
        });
      }
      const key = toDataKey(dataKeyId, keyRing.unwrap(row.wrapped_key, wrapContext(dataKeyId)));
      const oldest = cache.keys().next();
      if (cache.size >= cacheSize && !oldest.done) cache.delete(oldest.value);
      cache.set(dataKeyId, { key, until: performance.now() + cacheMs });
      return key;
    },
  };
}

/**
 * Opens one data key of each master key, so that a wrong key is found at start and not in the middle of the night.
 *
 * @throws TidelineError for the operator.
 */
export async function checkKeyRing(sql: Sql | Transaction, keyRing: KeyRing): Promise<void> {
  const rows = await sql<{ data_key_id: number; wrapped_key: Buffer }[]>`
    select distinct on (key_ring_id) data_key_id, wrapped_key from data_keys order by key_ring_id, data_key_id desc`;
  for (const row of rows) {
    try {
      keyRing.unwrap(row.wrapped_key, wrapContext(row.data_key_id));
    } catch (error) {
      if (!(error instanceof TidelineError) || error.code !== 'ciphertext-damaged') throw error;
      throw wrongKey(readKeyId(row.wrapped_key), error);
    }
  }
}

function wrongKey(id: string, cause: TidelineError): TidelineError {
  return new TidelineError({
    code: 'encryption-key-wrong',
    message: `The encryption key "${id}" is not the one that protects this database: another key has its id.`,
    actor: 'operator',
    action:
      'Put the right key into TIDELINE_ENCRYPTION_KEYS, or start with the database that this key belongs to.',
    cause,
  });
}

/** What a wrapped data key is bound to. */
export function wrapContext(dataKeyId: number): CipherContext {
  return { purpose: 'data-key', owner: String(dataKeyId) };
}

function toDataKey(dataKeyId: number, secret: Buffer): DataKey {
  const id = `data-${dataKeyId}`;
  // Derived once: deriving costs more than the fingerprint itself.
  const fingerprintKeys = new Map<string, Buffer>();
  const fingerprintKey = (purpose: string): Buffer => {
    const known = fingerprintKeys.get(purpose);
    if (known !== undefined) return known;
    const derived = hkdfSync('sha256', secret, Buffer.alloc(0), `fingerprint ${purpose}`, keyBytes);
    const made = Buffer.from(derived);
    fingerprintKeys.set(purpose, made);
    return made;
  };
  return {
    dataKeyId,
    fingerprint: (value, purpose) =>
      createHmac('sha256', fingerprintKey(purpose)).update(value, 'utf8').digest(),
    encrypt: (plaintext, context) =>
      encrypt(
        { id, key: secret },
        typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext,
        context,
      ),
    decrypt: (envelope, context) =>
      decrypt((asked) => (asked === id ? secret : undefined), envelope, context),
  };
}
