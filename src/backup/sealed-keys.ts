import { randomBytes, scryptSync } from 'node:crypto';
import { decrypt, encrypt, keyBytes } from '../../encryption/cipher.ts';
import { TidelineError } from '../errors.ts';
import type { SealedKeys } from './format.ts';

const context = { purpose: 'backup-keys', owner: '' };
const keyId = 'passphrase';
/** Of scrypt: 64 MiB and some tenths of a second for each guess. */
const cost = 2 ** 16;
const highestCost = 2 ** 20;
const leastLetters = 12;

function keyOf(passphrase: string, salt: Buffer, n: number): Buffer {
  return scryptSync(passphrase.normalize('NFC'), salt, keyBytes, { N: n, r: 8, p: 1, maxmem: 256 * 8 * n });
}

/**
 * Puts the encryption keys under a passphrase.
 * @throws TidelineError when the passphrase is too short to protect them
 */
export function sealKeys(encryptionKeys: string, passphrase: string): SealedKeys {
  if (passphrase.length < leastLetters) {
    throw new TidelineError({
      code: 'passphrase-too-short',
      message: `The passphrase has fewer than ${leastLetters} characters.`,
      actor: 'user',
      action:
        'Whoever has the file could guess it: take a longer one, such as the output of "openssl rand -hex 16".',
    });
  }
  const salt = randomBytes(16);
  const key = keyOf(passphrase, salt, cost);
  const envelope = encrypt({ id: keyId, key }, Buffer.from(encryptionKeys), context);
  return { salt: salt.toString('base64'), cost, envelope: envelope.toString('base64') };
}

/** @throws TidelineError when the passphrase is another one, or the keys were changed */
export function openSealedKeys(sealed: SealedKeys, passphrase: string): string {
  if (sealed.cost > highestCost) throw wrongPassphrase();
  try {
    const key = keyOf(passphrase, Buffer.from(sealed.salt, 'base64'), sealed.cost);
    const keyFor = (id: string): Buffer | undefined => (id === keyId ? key : undefined);
    return decrypt(keyFor, Buffer.from(sealed.envelope, 'base64'), context).toString();
  } catch (cause) {
    throw wrongPassphrase(cause);
  }
}

function wrongPassphrase(cause?: unknown): TidelineError {
  return new TidelineError({
    code: 'passphrase-wrong',
    message: 'The passphrase does not open the keys of the backup.',
    actor: 'user',
    action: 'Give the one that the backup was made with.',
    cause,
  });
}
