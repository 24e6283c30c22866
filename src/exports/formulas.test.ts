import { describe, expect, it } from 'vitest';
import { disarm } from './formulas.ts';

describe('disarming text', () => {
  it.each([
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '\u00A0=1',
    '\uFEFF=1',
    '\u200B=1',
    '\u0000=1',
    '＝1+1',
    '＋1',
    '－1',
    '＠SUM(1)',
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example","x")',
    '\tharmless',
  ])('puts a quote before %j', (text) => {
    const disarmed = disarm(text);
    expect(disarmed.startsWith("'")).toBe(true);
    expect(disarmed.slice(1)).toContain(text.trim().at(-1));
  });

  it.each([
    ['x;=1+1', "x;'=1+1"],
    ['x;  @SUM(1)', "x;'  @SUM(1)"],
    ['x\n=1', "x\n'=1"],
    ['x\t+1', "x\t'+1"],
    ['a;b;-c', "a;b;'-c"],
  ])('guards what another separator would make a cell of: %j', (text, disarmed) => {
    expect(disarm(text)).toBe(disarmed);
  });

  it.each([
    '',
    'Blue mug',
    'a=b',
    'x-large',
    'me@example',
    '5+5',
    "'=1",
    '"=1"',
    '7,=1',
    'Tee – grün',
    '🍵 =',
    'a\tb',
  ])('leaves %j as it is', (text) => {
    expect(disarm(text)).toBe(text);
  });
});
