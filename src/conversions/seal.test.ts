import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decrypt, encrypt } from '../../encryption/cipher.ts';
import type { DataKey } from '../shops/data-keys.ts';
import { openEvent, sealEvent } from './seal.ts';
import type { ConversionEvent } from './types.ts';

const secret = randomBytes(32);
const key: DataKey = {
  dataKeyId: 1,
  encrypt: (plaintext, context) => encrypt({ id: 'data-1', key: secret }, Buffer.from(plaintext), context),
  decrypt: (envelope, context) => decrypt(() => secret, envelope, context),
  fingerprint: () => Buffer.alloc(32),
};

const event: ConversionEvent = {
  event_name: 'PURCHASE',
  event_id: 'order-1',
  event_time: 1_790_000_000,
  medium: 'web',
  user: { email: ['jo@example.com'], ip: '203.0.113.7' },
  page: { url: 'https://shop.example/thanks?ttclid=abc' },
  properties: { value: 24.9, currency: 'EUR' },
  limited_data_use: true,
};

describe('a stored event', () => {
  it('comes back as it was', () => {
    expect(openEvent(key, sealEvent(key, event))).toEqual(event);
  });

  it('shows nothing of the person and the page', () => {
    const stored = sealEvent(key, event);
    const shown = JSON.stringify({ ...stored, sealed: stored.sealed?.toString('latin1') });
    for (const personal of ['jo@example.com', '203.0.113.7', 'abc']) expect(shown).not.toContain(personal);
  });

  it('keeps what is not personal once the rest is purged', () => {
    const purged = openEvent(key, { ...sealEvent(key, event), sealed: null });
    expect(purged).toEqual({ ...event, user: {}, page: {} });
  });

  it('does not open in the place of another event', () => {
    const { sealed } = sealEvent(key, event);
    const other = { ...sealEvent(key, { ...event, event_id: 'order-2' }), sealed };
    expect(() => openEvent(key, other)).toThrow('belongs elsewhere');
  });
});
