import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decrypt, encrypt, readKeyId } from './cipher.ts';

const counting = { id: 'k1', key: Buffer.from(Array.from({ length: 32 }, (_, index) => index)) };
const hashed = { id: '2026-11', key: createHash('sha256').update('tideline test key').digest() };

/** Computed with Python's `cryptography` (OpenSSL), from the layout written over `encrypt`. */
const vectors = [
  {
    key: counting,
    nonce: '000000000000000000000000',
    plaintext: 'hello tideline',
    context: { purpose: 'access-token', owner: 'app-1/open-1' },
    envelope: '01026b3100000000000000000000000066d9d9b2da0cf7d46ccdc55c764962960c42b07858657fd6b828f99196bc',
  },
  {
    key: hashed,
    nonce: '000102030405060708090a0b',
    plaintext: 'Zoë 🛍',
    context: { purpose: 'order-personal', owner: 'shop-1/577' },
    envelope: '0107323032362d3131000102030405060708090a0b3c746324566ed920d428f7180d457824b72fef9622998d4c4b',
  },
  {
    key: counting,
    nonce: 'ffffffffffffffffffffffff',
    plaintext: '',
    context: { purpose: 'x', owner: '' },
    envelope: '01026b31ffffffffffffffffffffffff318e37f56aa4c6e5a806783ec0b6e245',
  },
];

describe('cipher', () => {
  it.each(vectors)('equals the vector for "$plaintext"', ({ key, nonce, plaintext, context, envelope }) => {
    const sealed = encrypt(key, Buffer.from(plaintext), context, Buffer.from(nonce, 'hex'));
    expect(sealed.toString('hex')).toBe(envelope);
    expect(decrypt(() => key.key, sealed, context).toString()).toBe(plaintext);
    expect(readKeyId(sealed)).toBe(key.id);
  });

  const context = { purpose: 'access-token', owner: 'app/open' };
  const sealed = encrypt(counting, Buffer.from('secret'), context);
  const open = (envelope: Buffer, where = context) =>
    decrypt((id) => (id === 'k1' ? counting.key : undefined), envelope, where);

  it('takes a fresh nonce each time', () => {
    expect(encrypt(counting, Buffer.from('secret'), context).equals(sealed)).toBe(false);
    const envelopes = Array.from({ length: 1_000 }, () => encrypt(counting, Buffer.alloc(0), context));
    expect(new Set(envelopes.map((envelope) => envelope.toString('hex'))).size).toBe(1_000);
  });

  it('refuses every changed byte', () => {
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => open(changed), `byte ${index}`).toThrow(/damaged|changed|unknown|not among|short/);
    }
  });

  it('refuses every cut', () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(() => open(sealed.subarray(0, length))).toThrow();
    }
  });

  it('refuses another purpose, another owner, and a moved border between the two', () => {
    expect(() => open(sealed, { ...context, purpose: 'refresh-token' })).toThrow(/belongs elsewhere/);
    expect(() => open(sealed, { ...context, owner: 'app/other' })).toThrow(/belongs elsewhere/);
    expect(() => open(sealed, { purpose: 'access-tokena', owner: 'pp/open' })).toThrow(/belongs elsewhere/);
  });

  it('names an unknown key', () => {
    expect(() => decrypt(() => undefined, sealed, context)).toThrow('"k1" is not among the configured keys');
  });
});
