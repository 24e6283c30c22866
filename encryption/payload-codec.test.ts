import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { parseKeyRing } from './key-ring.ts';
import { createPayloadCodec } from './payload-codec.ts';

const first = randomBytes(32).toString('base64');
const second = randomBytes(32).toString('base64');

function codecOf(keys: string, more: { namespace?: string; encrypts?: boolean } = {}) {
  return createPayloadCodec({ keyRing: parseKeyRing(keys), namespace: 'default', encrypts: true, ...more });
}

const values = [
  { shopId: 'shop-1', note: 'Zoë 🛍' },
  null,
  undefined,
  '',
  'x'.repeat(100_000),
  new Uint8Array([0, 255]),
];
const payloads = values.map((value) => defaultPayloadConverter.toPayload(value));
const readAll = (list: readonly Payload[]) =>
  list.map((payload) => defaultPayloadConverter.fromPayload(payload));

describe('payload codec', () => {
  it('brings every value back and shows nothing of it', async () => {
    const sealed = await codecOf(`k1:${first}`).encode(payloads);
    const shown = sealed.map(
      ({ metadata, data }) => `${JSON.stringify(metadata)} ${Buffer.from(data ?? [])}`,
    );
    expect(shown.join()).not.toMatch(/shop-1|json\/plain|xxxx/);
    expect(sealed.map(({ metadata }) => String(metadata?.encoding))).toEqual(
      values.map(() => 'binary/encrypted'),
    );
    expect(String(sealed[0]?.metadata?.['encryption-key-id'])).toBe('k1');
    expect(readAll(await codecOf(`k1:${first}`).decode(sealed))).toEqual(values);
    expect(await codecOf(`k1:${first}`).encode([])).toEqual([]);
  });

  it('opens payloads of older keys and in clear, whether it encrypts or not', async () => {
    const old = await codecOf(`k1:${first}`).encode(payloads);
    for (const encrypts of [true, false]) {
      const rotated = codecOf(`k2:${second},k1:${first}`, { encrypts });
      expect(readAll(await rotated.decode([...old, ...payloads]))).toEqual([...values, ...values]);
    }
    expect(await codecOf(`k1:${first}`, { encrypts: false }).encode(payloads)).toEqual(payloads);
  });

  it('refuses unknown keys, other namespaces and changed bytes', async () => {
    const sealed = await codecOf(`k1:${first}`).encode(payloads.slice(0, 1));
    await expect(codecOf(`k2:${second}`).decode(sealed)).rejects.toThrow('"k1" is not among');
    await expect(codecOf(`k1:${second}`).decode(sealed)).rejects.toThrow('another key has this id');
    await expect(codecOf(`k1:${first}`, { namespace: 'other' }).decode(sealed)).rejects.toThrow(
      'belongs elsewhere',
    );
    const data = Buffer.from(sealed[0]?.data ?? []);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    await expect(codecOf(`k1:${first}`).decode([{ ...sealed[0], data }])).rejects.toThrow('was changed');
    await expect(codecOf(`k1:${first}`).decode([{ ...sealed[0], data: null }])).rejects.toThrow();
  });

  it('uses other keys than the ring itself', async () => {
    const ring = parseKeyRing(`k1:${first}`);
    const [sealed] = await codecOf(`k1:${first}`).encode(payloads);
    const context = { purpose: 'temporal-payload', owner: 'default' };
    expect(() => ring.unwrap(Buffer.from(sealed?.data ?? []), context)).toThrow();
  });
});
