import { isIP } from 'node:net';
import type { ConversionEvent } from './types.ts';

type Presence = (event: ConversionEvent) => boolean;

/**
 * The parameters that platforms match by. A parameter's bit in `conversion_events.parameters` is its place here: new
 * ones are added at the end, and none is ever taken out.
 */
const presence: readonly (readonly [name: string, isPresent: Presence])[] = [
  ['email', ({ user }) => (user.email ?? []).some((value) => /^\S+@\S+$|^[0-9a-f]{64}$/i.test(value))],
  ['phone', ({ user }) => (user.phone ?? []).some((value) => /\d{5}|^[0-9a-f]{64}$/i.test(digits(value)))],
  ['external_id', ({ user }) => user.external_id !== undefined],
  ['first_name', ({ user }) => user.first_name !== undefined],
  ['last_name', ({ user }) => user.last_name !== undefined],
  ['ip', ({ user }) => user.ip !== undefined && isPublicAddress(user.ip)],
  ['user_agent', ({ user }) => user.user_agent !== undefined],
  ['ttp', ({ user }) => user.ttp !== undefined],
  ['ttclid', ({ user }) => user.ttclid !== undefined],
  ['fbp', ({ user }) => user.fbp !== undefined],
  ['fbc', ({ user }) => user.fbc !== undefined],
  ['gclid', ({ user }) => user.gclid !== undefined],
  ['gbraid', ({ user }) => user.gbraid !== undefined],
  ['wbraid', ({ user }) => user.wbraid !== undefined],
  ['city', ({ user }) => user.city !== undefined],
  ['state', ({ user }) => user.state !== undefined],
  ['zip_code', ({ user }) => user.zip_code !== undefined],
  ['country', ({ user }) => user.country !== undefined],
  ['page_url', ({ page }) => page.url !== undefined],
  ['value', ({ properties }) => properties.value !== undefined && properties.currency !== undefined],
];

export const parameterNames: readonly string[] = presence.map(([name]) => name);

/** Shares of events, in per cent, below which platforms match noticeably fewer people. */
export const coverageTargets: Readonly<Record<string, number>> = {
  email: 100,
  first_name: 100,
  last_name: 100,
  external_id: 100,
  ip: 95,
  user_agent: 95,
  ttp: 95,
  ttclid: 35,
};

/** The parameters that an event carries, as bits. What could match nobody is not counted as carried. */
export function parameterBits(event: ConversionEvent): number {
  return presence.reduce((bits, [, isPresent], place) => (isPresent(event) ? bits | (1 << place) : bits), 0);
}

/** The names of the parameters in `bits`. */
export function namesOfBits(bits: number): string[] {
  return parameterNames.filter((_, place) => (bits & (1 << place)) !== 0);
}

function digits(phone: string): string {
  return phone.replaceAll(/[\s().-]/g, '');
}

/** A private or local address belongs to everybody. */
function isPublicAddress(ip: string): boolean {
  if (isIP(ip) === 4)
    return !/^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
      ip,
    );
  return !/^(::1?$|f[cd]|fe[89ab])/i.test(ip);
}
