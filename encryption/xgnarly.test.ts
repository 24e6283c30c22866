import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/paths.ts';
import { signatureVectors } from './testing/signature-vectors.ts';
import { isWhole, type SdkVersion, type XGnarlyInput, xGnarly } from './xgnarly.ts';
import { keyStreamBlock } from './xgnarly-cipher.ts';

interface SharedVector {
  id: string;
  note: string;
  query: string;
  body: string;
  user_agent: string;
  timestamp_ms: number;
  sdk_version: SdkVersion;
  field_order: XGnarlyInput['fieldOrder'];
  envcode: number;
  ubcode: number;
  canvas: number;
  key_words: number[];
  prng_seed: { counter: number; words: number[] } | null;
  expected: string;
}

const file = join(packageRoot, '..', 'shared', 'vectors', 'xgnarly.json');
const shared: SharedVector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).vectors : [];

function inputOf({ query, body, envcode, ubcode, canvas, ...vector }: SharedVector): XGnarlyInput {
  return {
    ...{ query, body, envcode, ubcode, canvas },
    userAgent: vector.user_agent,
    milliseconds: vector.timestamp_ms,
    sdkVersion: vector.sdk_version,
    fieldOrder: vector.field_order,
    keyWords: vector.key_words,
  };
}

/** The key words as the page draws them from its own generator; we take them from the system's instead. */
function drawnByThePage({ counter, words }: { counter: number; words: number[] }): number[] {
  const start = [
    ...[2517678443, 2718276124, 3212677781, 2633865432, 217618912, 2931180889, 1498001188, 2157053261],
    ...[211147047, 185100057, 2903579748, 3732962506],
  ];
  const state = Uint32Array.from([...start, counter, ...words]);
  return Array.from({ length: 12 }, (_, draw) => {
    const place = draw % 8;
    const block = keyStreamBlock(state, 8);
    if (place === 7) state[12] = (state[12] ?? 0) + 1;
    return (((block[place + 8] ?? 0) & 0xfffff800) | ((block[place] ?? 0) >>> 21)) >>> 0;
  });
}

describe.skipIf(shared.length === 0)('shared vectors of X-Gnarly (skipped without ../shared/vectors)', () => {
  it('are all there, with and without a seed', () => {
    expect(shared.length).toBeGreaterThanOrEqual(8);
    expect(new Set(shared.map(({ prng_seed }) => prng_seed === null)).size).toBe(2);
  });

  it.each(shared)('$id: $note', (vector) => {
    expect(xGnarly(inputOf(vector))).toBe(vector.expected);
    if (vector.prng_seed !== null) expect(drawnByThePage(vector.prng_seed)).toEqual(vector.key_words);
  });
});

describe('X-Gnarly', () => {
  it.each(signatureVectors)('equals the second implementation: $name', (vector) => {
    const { texts, gnarly, milliseconds, keyWords } = vector;
    expect(xGnarly({ ...texts, ...gnarly, milliseconds, keyWords })).toBe(vector.xGnarly);
  });

  const [first] = signatureVectors;
  if (first === undefined) throw new Error('There is no vector.');
  const input = {
    ...first.texts,
    ...first.gnarly,
    milliseconds: first.milliseconds,
    keyWords: first.keyWords,
  };

  it('drops the tail where a field is small by chance, and says so', () => {
    // (ms * 1000) mod 2^31 = 64000: two bytes instead of four.
    const milliseconds = (2 ** 31 * 836) / 8 + 64;
    expect((milliseconds * 1000) % 2 ** 31).toBe(64_000);
    expect(isWhole(xGnarly({ ...input, milliseconds }), '5.1.1')).toBe(false);
    expect(isWhole(xGnarly({ ...input, milliseconds: milliseconds + 2 }), '5.1.1')).toBe(true);
  });

  it('needs twelve key words', () => {
    expect(() => xGnarly({ ...input, keyWords: [1, 2, 3] })).toThrow('twelve words');
  });
});
