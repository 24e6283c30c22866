import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectedSignature, signatureIsValid } from './signature.ts';

interface Vector {
  name: string;
  app_key: string;
  app_secret: string;
  path: string;
  query: Record<string, string | string[]>;
  content_type: string;
  body: string | null;
  timestamp: number;
  expected_sign: string;
}

const file = join(import.meta.dirname, '../../../shared/vectors/tiktok-shop-signature.json');
if (!existsSync(file)) console.warn('signature vectors skipped: ../shared is not there');

function requestOf(vector: Vector) {
  const query = new Map(Object.entries(vector.query).map(([name, value]) => [name, String(value)]));
  query.set('app_key', vector.app_key).set('timestamp', String(vector.timestamp));
  return { path: vector.path, query, contentType: vector.content_type, body: Buffer.from(vector.body ?? '') };
}

describe.skipIf(!existsSync(file))('signature vectors', () => {
  const vectors = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Vector[]) : [];
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    expect(expectedSignature(requestOf(vector), vector.app_secret)).toBe(vector.expected_sign);
  });
});

describe('signature', () => {
  const request = {
    path: '/order/202309/orders/search',
    query: new Map([
      ['app_key', 'k'],
      ['timestamp', '1762300801'],
    ]),
    contentType: 'application/json',
    body: Buffer.from('{}'),
  };

  it('covers the exact bytes of the body', () => {
    const spaced = { ...request, body: Buffer.from('{ }') };
    expect(expectedSignature(spaced, 's')).not.toBe(expectedSignature(request, 's'));
  });

  it('accepts an unsigned empty object only when lenient', () => {
    const unsigned = expectedSignature(request, 's', false);
    expect(signatureIsValid(request, unsigned, 's', false)).toBe(false);
    expect(signatureIsValid(request, unsigned, 's', true)).toBe(true);
  });

  it('refuses a signature of another length', () => {
    expect(signatureIsValid(request, 'abc', 's', false)).toBe(false);
  });
});
