import { describe, expect, it } from 'vitest';
import { instantText } from './instant-text.ts';

describe('instants as PostgreSQL writes them', () => {
  it.each([
    ['2026-11-20 23:59:58+00', '2026-11-20T23:59:58.000Z'],
    ['1970-01-01 00:00:00+00', '1970-01-01T00:00:00.000Z'],
    ['2026-11-20 23:59:58.5+00', '2026-11-20T23:59:58.500Z'],
    ['2026-11-20 23:59:58.123456+00', '2026-11-20T23:59:58.123Z'],
    ['10000-01-01 00:00:00+00', '+010000-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(instantText(text)).toBe(expected);
    // What the driver would have made of it, as far as that reads it.
    const date = new Date(text);
    if (!Number.isNaN(date.getTime())) expect(date.toISOString()).toBe(expected);
  });
});
