import { describe, expect, it } from 'vitest';
import { isCookie, sellerIdOf, sessionEndOf } from './cookie.ts';

describe('the cookie of a session', () => {
  it('is pairs of printable characters', () => {
    expect(isCookie('sessionid_tiktokseller=abc; msToken=a==; flag=')).toBe(true);
    for (const text of ['', 'abc', '=abc', 'a=b\r\nX-Other: 1', 'a=ü', 'a=b\0', ';;;']) {
      expect(isCookie(text), text).toBe(false);
    }
  });

  it('may tell the seller', () => {
    expect(sellerIdOf('a=b; oec_seller_id_unified_seller_env=7495000000000000001')).toBe(
      '7495000000000000001',
    );
    expect(sellerIdOf('SHOP_ID=749')).toBe('749');
    expect(sellerIdOf('SHOP_ID=abc')).toBeNull();
    expect(sellerIdOf('a=b')).toBeNull();
  });

  it('may tell when to log in again', () => {
    const end = new Date('2026-03-11T00:00:00.000Z');
    const issued = end.getTime() / 1000 - 259_200;
    expect(sessionEndOf(`sid_guard_tiktokseller=abc%7C${issued}%7C259200%7CWed`)).toEqual(end);
    expect(sessionEndOf(`sid_guard=abc|${issued}|259200|`)).toEqual(end);
    expect(sessionEndOf('sid_guard_tiktokseller=abc%7Cnever%7C1%7C')).toBeNull();
    expect(sessionEndOf('a=b')).toBeNull();
  });
});
