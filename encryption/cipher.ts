import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TidelineError } from '../src/errors.ts';

/** What a ciphertext is for and whose it is. Both are bound to it: moved to another place, it does not open. */
export interface CipherContext {
  /** Kebab-case, such as `access-token`. */
  purpose: string;
  /** Such as the grant or the shop and the order. */
  owner: string;
}

export interface CipherKey {
  /** Written into the envelope in clear: 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  id: string;
  /** 32 bytes. */
  key: Buffer;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
export const keyBytes = 32;
const algorithm = 'aes-256-gcm';

/** Whether a text may be the id of a key. */
export function isKeyId(id: string): boolean {
  return /^[A-Za-z0-9._-]{1,64}$/.test(id);
}

/** Random bytes are asked for by the hundred nonces: one question costs more than the encryption of an event. */
const noncesAtOnce = 256;
let nonces = Buffer.alloc(0);

/** Twelve random bytes that nobody has had before. */
function freshNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(noncesAtOnce * nonceBytes);
  const nonce = nonces.subarray(0, nonceBytes);
  nonces = nonces.subarray(nonceBytes);
  return nonce;
}

/**
 * Encrypts with AES-256-GCM into one envelope:
 * `version (1 byte) | length of key id (1) | key id | nonce (12) | ciphertext | tag (16)`.
 * Version, key id, purpose and owner are authenticated.
 *
 * @param nonce for test vectors only; random otherwise.
 */
export function encrypt(
  { id, key }: CipherKey,
  plaintext: Buffer,
  context: CipherContext,
  nonce: Buffer = freshNonce(),
): Buffer {
  const header = envelopeHeader(id);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(additionalData(header, context));
  return Buffer.concat([header, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens an envelope.
 *
 * @param keyOf the key of an id, or undefined when there is none.
 * @throws TidelineError for the operator: unknown key, another format, or a ciphertext that was changed or moved.
 */
export function decrypt(
  keyOf: (id: string) => Buffer | undefined,
  envelope: Buffer,
  context: CipherContext,
): Buffer {
  const id = readKeyId(envelope);
  const key = keyOf(id);
  if (key === undefined) {
    throw new TidelineError({
      code: 'encryption-key-unknown',
      message: `The encryption key "${id}" is not among the configured keys.`,
      actor: 'operator',
      action: 'Put the key back into TIDELINE_ENCRYPTION_KEYS; newer keys come before it.',
    });
  }
  const headerEnd = 2 + id.length;
  const nonceEnd = headerEnd + nonceBytes;
  const tagStart = envelope.length - tagBytes;
  const decipher = createDecipheriv(algorithm, key, envelope.subarray(headerEnd, nonceEnd), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(additionalData(envelope.subarray(0, headerEnd), context));
  decipher.setAuthTag(envelope.subarray(tagStart));
  try {
    return Buffer.concat([decipher.update(envelope.subarray(nonceEnd, tagStart)), decipher.final()]);
  } catch (error) {
    throw damaged(context, 'was changed, belongs elsewhere, or another key has this id', error);
  }
}

/** The id of the key that an envelope needs. Throws TidelineError for the operator when it is no envelope. */
export function readKeyId(envelope: Buffer): string {
  const context = { purpose: 'envelope', owner: '' };
  if (envelope[0] !== version) throw damaged(context, 'has an unknown format');
  const idLength = envelope[1] ?? 0;
  if (envelope.length < 2 + idLength + nonceBytes + tagBytes) throw damaged(context, 'is too short');
  const id = envelope.toString('latin1', 2, 2 + idLength);
  if (!isKeyId(id)) throw damaged(context, 'has an unknown format');
  return id;
}

function envelopeHeader(id: string): Buffer {
  if (!isKeyId(id))
    throw new RangeError('A key id has 1 to 64 letters, digits, dots, underscores or dashes.');
  return Buffer.concat([Buffer.from([version, id.length]), Buffer.from(id, 'latin1')]);
}

/** Lengths keep `("ab", "c")` and `("a", "bc")` apart. */
function additionalData(header: Buffer, { purpose, owner }: CipherContext): Buffer {
  return Buffer.concat([header, lengthPrefixed(purpose), lengthPrefixed(owner)]);
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function damaged({ purpose }: CipherContext, fault: string, cause?: unknown): TidelineError {
  return new TidelineError({
    code: 'ciphertext-damaged',
    message: `An encrypted value (${purpose}) ${fault}.`,
    actor: 'operator',
    action: 'Restore the database together with the encryption keys that belong to it.',
    cause,
  });
}
