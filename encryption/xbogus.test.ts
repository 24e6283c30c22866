import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/paths.ts';
import { signatureVectors } from './testing/signature-vectors.ts';
import { xBogus } from './xbogus.ts';

interface SharedVector {
  id: string;
  note: string;
  query: string;
  body: string;
  user_agent: string;
  timestamp_s: number;
  envcode: number;
  ubcode: number;
  canvas: number;
  expected: string;
}

const file = join(packageRoot, '..', 'shared', 'vectors', 'xbogus.json');
const shared: SharedVector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).vectors : [];

describe.skipIf(shared.length === 0)('shared vectors of X-Bogus (skipped without ../shared/vectors)', () => {
  it('are all there', () => expect(shared.length).toBeGreaterThanOrEqual(8));

  it.each(shared)('$id: $note', ({ query, body, user_agent, timestamp_s, expected, ...marks }) => {
    expect(xBogus({ query, body, userAgent: user_agent, seconds: timestamp_s, ...marks })).toBe(expected);
  });
});

describe('X-Bogus', () => {
  it.each(signatureVectors)('equals the second implementation: $name', (vector) => {
    const seconds = Math.floor(vector.milliseconds / 1000);
    expect(xBogus({ ...vector.texts, ...vector.bogus, seconds })).toBe(vector.xBogus);
  });

  it('changes with everything that is signed', () => {
    const input = {
      ...{ query: 'a=1', body: '{}', userAgent: 'agent', seconds: 1_795_000_000 },
      ...{ envcode: 1, ubcode: 14, canvas: 1_245_783_967 },
    };
    const variants = [
      input,
      { ...input, query: 'a=2' },
      { ...input, body: '' },
      { ...input, userAgent: 'other' },
      { ...input, seconds: input.seconds + 1 },
      { ...input, envcode: 3 },
      { ...input, ubcode: 12 },
      { ...input, canvas: 1 },
    ];
    const tokens = variants.map(xBogus);
    expect(new Set(tokens).size).toBe(variants.length);
    for (const token of tokens) expect(token).toMatch(/^[\w/-]{28}$/);
  });
});
