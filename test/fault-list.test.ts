import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/paths.ts';

const list = readFileSync(join(packageRoot, 'docs', 'faults.md'), 'utf8');
const rows = [...list.matchAll(/^\| ([A-Z]\d+) \| (.+) \| (.+) \|$/gm)].map(([, id = '', , tests = '']) => ({
  id,
  files: [...tests.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file),
}));

function ids(letter: string, last: number, ...without: number[]): string[] {
  const numbers = Array.from({ length: last }, (_, index) => index + 1);
  return numbers.filter((number) => !without.includes(number)).map((number) => `${letter}${number}`);
}

/** Those that concern orders, tokens, the API, analytics, exports, conversions and the webhooks of their sources. */
const concerned = [
  ...ids('A', 10, 3),
  ...ids('B', 8),
  ...ids('C', 9),
  ...ids('N', 5, 4),
  ...ids('E', 8),
  ...ids('F', 10),
  ...ids('G', 5),
  ...ids('H', 6),
  ...ids('I', 8),
  ...ids('J', 5),
  ...ids('K', 14, 5, 7),
];

describe('docs/faults.md', () => {
  it('lists every fault that concerns orders, tokens and the API, once', () => {
    const listed = rows.map(({ id }) => id);
    expect(concerned.filter((id) => !listed.includes(id))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('names tests that exist', () => {
    const named = rows.flatMap(({ files }) => files);
    expect(named.length).toBeGreaterThan(concerned.length / 2);
    expect(named.filter((file) => !existsSync(join(packageRoot, file)))).toEqual([]);
  });

  it('has a line for the id of every file in test/faults', () => {
    const files = readdirSync(join(packageRoot, 'test', 'faults')).filter((name) =>
      name.endsWith('.test.ts'),
    );
    const found = files.map((name) => name.split('-')[0]?.toUpperCase() ?? '');
    expect(found.filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
  });
});
