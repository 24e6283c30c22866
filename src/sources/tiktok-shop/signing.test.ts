import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../paths.ts';
import { encodeQuery, type QueryValue, sign, signatureBase, stringifyQuery } from './signing.ts';

interface Vector {
  name: string;
  app_key: string;
  app_secret: string;
  path: string;
  query: Record<string, QueryValue>;
  content_type: string;
  body: string | null;
  timestamp: number;
  expected_base_string: string;
  expected_sign: string;
}

const file = join(packageRoot, '..', 'shared', 'vectors', 'tiktok-shop-signature.json');
const vectors: Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];

function signable(vector: Vector) {
  return {
    appSecret: vector.app_secret,
    path: vector.path,
    query: stringifyQuery({ ...vector.query, app_key: vector.app_key, timestamp: vector.timestamp }),
    contentType: vector.content_type,
    body: vector.body === null ? null : Buffer.from(vector.body),
  };
}

describe.skipIf(vectors.length === 0)('signature vectors (skipped without ../shared/vectors)', () => {
  it('are all there', () => expect(vectors.length).toBeGreaterThanOrEqual(12));

  it.each(vectors)('$name', (vector) => {
    expect(signatureBase(signable(vector))).toBe(vector.expected_base_string);
    expect(sign(signable(vector))).toBe(vector.expected_sign);
  });
});

describe('signature', () => {
  const base = { appSecret: 's', path: '/p', contentType: 'application/json', body: null };

  it('equals the example of the documentation', () => {
    const query = { app_key: '29a39d', timestamp: '1623812664' };
    expect(sign({ ...base, appSecret: 'e59af819cc', path: '/authorization/202309/shops', query })).toBe(
      'b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8',
    );
  });

  it('sorts by bytes: upper case, underscore, lower case', () => {
    const query = { b: '1', a_c: '2', aB: '3', ab: '4', A: '5' };
    expect(signatureBase({ ...base, query })).toBe('s/pA5aB3a_c2ab4b1s');
  });

  it('leaves out sign and tokens, and keeps the name of an empty value', () => {
    const query = { sign: 'x', access_token: 'y', 'x-tts-access-token': 'z', empty: '' };
    expect(signatureBase({ ...base, query })).toBe('s/pemptys');
  });

  it('signs the body as sent, spaces and escapes included, but no multipart body', () => {
    const body = '{ "a" : "\\u00e9" }';
    expect(signatureBase({ ...base, query: {}, body })).toBe(`s/p${body}s`);
    const contentType = 'Multipart/Form-Data; boundary=x';
    expect(signatureBase({ ...base, query: {}, body, contentType })).toBe('s/ps');
  });

  it('signs decoded values and sends them encoded', () => {
    const query = stringifyQuery({ page_token: 'a+/=&', ids: [1, 'b'], flag: false, none: undefined });
    expect(signatureBase({ ...base, query })).toBe('s/pflagfalseids1,bpage_tokena+/=&s');
    expect(encodeQuery(query)).toBe('page_token=a%2B%2F%3D%26&ids=1%2Cb&flag=false');
    expect(Object.fromEntries(new URLSearchParams(encodeQuery(query)))).toEqual(query);
  });
});
