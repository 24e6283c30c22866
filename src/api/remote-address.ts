import { isIPv4, isIPv6 } from 'node:net';
import type { ApiContext } from './context.ts';

const unknown = 'unknown';

/** Where a request came from: the other end of its connection. What a proxy claims is not looked at. */
export function remoteAddress(context: ApiContext): string {
  const address = context.env?.incoming?.socket.remoteAddress ?? unknown;
  // A server that listens on both families tells IPv4 addresses in the form of IPv6.
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The address without the parts that tell one person from the next: /24 of IPv4, /48 of IPv6. */
export function networkOf(address: string): string {
  if (isIPv4(address)) {
    return address.startsWith('127.') ? address : `${address.split('.').slice(0, 3).join('.')}.0/24`;
  }
  if (!isIPv6(address)) return unknown;
  return address === '::1' ? address : `${groupsOf(address).slice(0, 3).join(':')}::/48`;
}

/** What one guesser has at hand: an IPv4 address, or a /64 of IPv6. */
export function guesserOf(address: string): string {
  return isIPv6(address) ? groupsOf(address).slice(0, 4).join(':') : address;
}

function groupsOf(address: string): string[] {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after];
}
