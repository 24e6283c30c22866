import { hkdfSync } from 'node:crypto';
import { TidelineError } from '../src/errors.ts';
import {
  type CipherContext,
  type CipherKey,
  decrypt,
  encrypt,
  isKeyId,
  keyBytes,
  readKeyId,
} from './cipher.ts';

/** At least one, newest first, ids unique. */
export type MasterKeys = readonly [CipherKey, ...CipherKey[]];

/** The master keys of an installation. The newest wraps, every one unwraps; what they wrap is data keys. */
export class KeyRing {
  #keys: MasterKeys;
  readonly #renew: () => MasterKeys | null;

  /**
   * @param keys {@link parseMasterKeys} checks them.
   * @param renew reads the keys anew where they can change while the process runs: asked before each wrapping, and
   *   when a key is missing. Null leaves them as they are.
   */
  constructor(keys: MasterKeys, renew: () => MasterKeys | null = () => null) {
    this.#keys = keys;
    this.#renew = renew;
  }

  /** Id of the key that wraps. */
  get newestKeyId(): string {
    return this.#keys[0].id;
  }

  /** Wraps a data key; the envelope names the master key. */
  wrap(dataKey: Buffer, context: CipherContext): Buffer {
    this.#keys = this.#renew() ?? this.#keys;
    return encrypt(this.#keys[0], dataKey, context);
  }

  /** Throws TidelineError for the operator when the key is unknown or the envelope was changed. */
  unwrap(envelope: Buffer, context: CipherContext): Buffer {
    return decrypt((id) => this.#find(id), envelope, context);
  }

  #find(id: string): Buffer | undefined {
    const known = this.#keys.find((one) => one.id === id);
    if (known !== undefined) return known.key;
    this.#keys = this.#renew() ?? this.#keys;
    return this.#keys.find((one) => one.id === id)?.key;
  }

  /** Whether the envelope was wrapped by an older key than the newest. */
  isOutdated(envelope: Buffer): boolean {
    return readKeyId(envelope) !== this.newestKeyId;
  }

  /**
   * A ring of the same ids whose keys are good for one purpose only (HKDF-SHA-256), for what is encrypted in amounts
   * that a master key should not see.
   */
  deriveFor(purpose: string): KeyRing {
    const derive = ({ id, key }: CipherKey): CipherKey => ({
      id,
      key: Buffer.from(hkdfSync('sha256', key, '', `tideline ${purpose}`, keyBytes)),
    });
    const deriveAll = ([newest, ...older]: MasterKeys): MasterKeys => [derive(newest), ...older.map(derive)];
    return new KeyRing(deriveAll(this.#keys), () => {
      const renewed = this.#renew();
      return renewed === null ? null : deriveAll(renewed);
    });
  }

  /** Key material appears in no log and no error, whoever prints the ring. */
  toJSON(): { keyIds: string[] } {
    return { keyIds: this.#keys.map(({ id }) => id) };
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads `id:base64key[,id:base64key…]`, newest first; keys are 32 bytes.
 *
 * @throws TidelineError for the operator that lists every fault by position and id, never by key.
 */
export function parseKeyRing(text: string): KeyRing {
  return new KeyRing(parseMasterKeys(text));
}

/** As {@link parseKeyRing}, the keys themselves. */
export function parseMasterKeys(text: string): MasterKeys {
  const faults: string[] = [];
  const keys: CipherKey[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const parsed = parseEntry(entry.trim());
    if (typeof parsed === 'string') faults.push(`entry ${index + 1} ${parsed}`);
    else if (keys.some(({ id }) => id === parsed.id))
      faults.push(`entry ${index + 1} repeats the id "${parsed.id}"`);
    else keys.push(parsed);
  }
  const [newest, ...older] = keys;
  if (faults.length > 0 || newest === undefined) {
    throw new TidelineError({
      code: 'encryption-keys-invalid',
      message: `TIDELINE_ENCRYPTION_KEYS cannot be read: ${faults.join('; ')}.`,
      actor: 'operator',
      action: 'Write id:key[,id:key…], newest first; make a key with: openssl rand -base64 32',
    });
  }
  return [newest, ...older];
}

/** A key, or what is wrong with its entry. An entry without a colon may be a bare key, so it is never quoted. */
function parseEntry(entry: string): CipherKey | string {
  if (entry === '') return 'is empty';
  const colon = entry.indexOf(':');
  if (colon === -1) return 'has no id (expected id:key)';
  const id = entry.slice(0, colon);
  if (!isKeyId(id)) return 'has an id that is not 1 to 64 letters, digits, dots, underscores or dashes';
  const encoded = entry.slice(colon + 1);
  if (!base64.test(encoded)) return `("${id}") has a key that is not base64`;
  const key = Buffer.from(encoded, 'base64');
  return key.length === keyBytes
    ? { id, key }
    : `("${id}") has a key of ${key.length} bytes instead of ${keyBytes}`;
}
