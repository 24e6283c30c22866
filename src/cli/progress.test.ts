import { expect, test } from 'vitest';
import { createProgress } from './progress.ts';

function terminal(columns: number, environment: NodeJS.ProcessEnv, isTTY = true) {
  let written = '';
  let time = 0;
  const output = {
    write: (text: string) => {
      written += text;
    },
    isTTY,
    columns,
  };
  const progress = createProgress({ output, environment, unit: 'orders', now: () => time });
  return {
    progress,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    take: () => {
      const text = written;
      written = '';
      return text;
    },
  };
}

const half = { done: 65_120, expected: 130_240, ratePerSecond: 3_410.4, etaSeconds: 19.1 };
const utf8 = { LANG: 'en_US.UTF-8' };

test('a terminal gets a bar with percent, counts, rate and ETA that is painted over', () => {
  const { progress, pass, take } = terminal(100, { ...utf8, NO_COLOR: '1' });
  progress.update('shop-1', half);
  expect(take()).toBe(
    `\u001b[2Kshop-1  ${'█'.repeat(15)}${'░'.repeat(15)}   50 %  65,120 / 130,240 orders  3,410/s  ETA 00:20\n`,
  );
  pass(50);
  progress.update('shop-1', { ...half, done: 65_200 });
  expect(take()).toBe('');
  pass(50);
  progress.update('shop-1', { ...half, done: 130_240, etaSeconds: 0 });
  expect(take().startsWith(`\u001b[1A\u001b[2Kshop-1  ${'█'.repeat(30)}  100 %`)).toBe(true);
  progress.end();
});

test('several pieces of work stand below each other', () => {
  const { progress, pass, take } = terminal(100, utf8);
  progress.update('shop-1', half);
  pass(200);
  progress.update('shop-10', half);
  expect(take().split('\n')).toHaveLength(4);
  progress.end();
  expect(take().startsWith('\u001b[2A')).toBe(true);
});

test('colour, block characters and width follow the terminal', () => {
  const coloured = terminal(100, utf8);
  coloured.progress.update('shop-1', half);
  expect(coloured.take()).toContain('\u001b[32m█');
  const ascii = terminal(100, { LANG: 'C', NO_COLOR: '1' });
  ascii.progress.update('shop-1', half);
  expect(ascii.take()).toContain(`${'#'.repeat(15)}${'-'.repeat(15)}`);
  const narrow = terminal(40, utf8);
  narrow.progress.update('shop-1', half);
  const line = narrow.take().replace('\u001b[2K', '').trimEnd();
  expect(line.length).toBeLessThanOrEqual(39);
  expect(line).not.toContain('█');
});

test.each([
  ['no terminal', { LANG: 'en_US.UTF-8' }, false],
  ['a dumb terminal', { TERM: 'dumb' }, true],
])('%s gets plain lines, at most one every few seconds, and the last state', (_, environment, isTTY) => {
  const { progress, pass, take } = terminal(80, environment, isTTY);
  progress.update('shop-1', {
    done: 0,
    expected: null,
    ratePerSecond: 0,
    etaSeconds: null,
    note: 'planning',
  });
  expect(take()).toBe('shop-1  0 orders  0/s  planning\n');
  pass(1_000);
  progress.update('shop-1', half);
  expect(take()).toBe('');
  pass(4_000);
  progress.update('shop-1', half);
  expect(take()).toBe('shop-1   50 %  65,120 / 130,240 orders  3,410/s  ETA 00:20\n');
  progress.update('shop-1', { ...half, done: 130_240, etaSeconds: 4_000 });
  progress.end();
  expect(take()).toBe('shop-1  100 %  130,240 / 130,240 orders  3,410/s  ETA 1:06:40\n');
});

test('100 % is not said before everything is there', () => {
  const { progress, take } = terminal(80, {}, false);
  progress.update('shop-1', { done: 99_999, expected: 100_000, ratePerSecond: 1, etaSeconds: 1 });
  expect(take()).toContain(' 99 %');
});
