import { describe, expect, it } from 'vitest';
import { compareVersions, parseServerVersion } from './temporal-version.ts';

describe('the versions of Temporal', () => {
  it('reads the server, also of a program that does not know its own version', () => {
    expect(parseServerVersion('temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)\n')).toBe('1.29.1');
    expect(parseServerVersion('some other program 1.2.3')).toBeNull();
  });

  it('compares by number', () => {
    expect(compareVersions('1.29.1', '1.29.1')).toBe(0);
    expect(compareVersions('1.9.0', '1.29.1')).toBeLessThan(0);
    expect(compareVersions('2.0.0', '1.29.1')).toBeGreaterThan(0);
  });
});
