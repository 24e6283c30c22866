import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseKeyRing } from './key-ring.ts';

const first = randomBytes(32).toString('base64');
const second = randomBytes(32).toString('base64');
const context = { purpose: 'data-key', owner: '7' };

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was thrown';
}

describe('key ring', () => {
  it('wraps with the newest key and unwraps with each', () => {
    const old = parseKeyRing(`2025:${first}`);
    const rotated = parseKeyRing(` 2026:${second} , 2025:${first}`);
    const dataKey = randomBytes(32);
    const byOld = old.wrap(dataKey, context);
    expect(rotated.newestKeyId).toBe('2026');
    expect(rotated.unwrap(byOld, context)).toEqual(dataKey);
    expect(rotated.isOutdated(byOld)).toBe(true);
    const byNew = rotated.wrap(dataKey, context);
    expect(rotated.isOutdated(byNew)).toBe(false);
    expect(() => old.unwrap(byNew, context)).toThrow('"2026" is not among');
  });

  it('tells a wrong key of the same id', () => {
    const wrapped = parseKeyRing(`k:${first}`).wrap(randomBytes(32), context);
    expect(() => parseKeyRing(`k:${second}`).unwrap(wrapped, context)).toThrow('another key has this id');
  });

  it.each([
    ['', 'entry 1 is empty'],
    [`k:${first},`, 'entry 2 is empty'],
    [first, 'entry 1 has no id'],
    [`:${first}`, 'entry 1 has an id'],
    [`sp ace:${first}`, 'entry 1 has an id'],
    ['k:', '0 bytes instead of 32'],
    ['k:AAAA', '3 bytes instead of 32'],
    ['k:not base64!', 'not base64'],
    [`k:${first.slice(0, -1)}`, 'not base64'],
    [`k:${first},k:${second}`, 'entry 2 repeats the id "k"'],
  ])('says what is wrong with %j', (text, fault) => {
    expect(messageOf(() => parseKeyRing(text))).toContain(fault);
  });

  it('lists every fault at once and shows no key, in errors or in print', () => {
    const message = messageOf(() => parseKeyRing(`a:${first}x,${second},b:AAAA`));
    expect(message).toMatch(/entry 1 .*entry 2 .*entry 3 /);
    expect(message).not.toContain(first.slice(0, 10));
    expect(message).not.toContain(second.slice(0, 10));
    const ring = parseKeyRing(`a:${first}`);
    expect(inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring)).not.toContain(
      first.slice(0, 10),
    );
    expect(JSON.stringify(ring)).toBe('{"keyIds":["a"]}');
  });
});
