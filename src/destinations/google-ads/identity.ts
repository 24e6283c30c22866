import type { ConversionUser } from '../../conversions/types.ts';
import { allHashed } from '../hashing.ts';
import { normalizeEmail, normalizePhone } from '../identifiers.ts';

/** What both of Google's APIs tie an event to an ad by. */
export interface Identity {
  /** One at most: two together are refused. */
  click: { gclid?: string; gbraid?: string; wbraid?: string };
  /** Digests. */
  emails: readonly string[];
  phones: readonly string[];
}

/** @returns null where nothing says whose click it was */
export function identityOf(user: ConversionUser, countryCode: string): Identity | null {
  const [gclid, gbraid, wbraid] = [user.gclid, user.gbraid, user.wbraid].map((id) => id?.trim());
  // Braids stand for people who must not be recognised: contacts beside them are refused.
  if (!gclid && gbraid) return { click: { gbraid }, emails: [], phones: [] };
  if (!gclid && wbraid) return { click: { wbraid }, emails: [], phones: [] };
  const emails = allHashed(user.email, emailOf) ?? [];
  const phones = allHashed(user.phone, (phone) => normalizePhone(phone, countryCode)) ?? [];
  if (!gclid && emails.length + phones.length === 0) return null;
  return { click: gclid ? { gclid } : {}, emails, phones };
}

/** "Format user data", Data Manager API: dots, and what follows a plus sign, mean nothing at Gmail and only there. */
function emailOf(value: string): string | null {
  const email = normalizeEmail(value.replace(/\s/g, ''));
  const [, name, host] = /^(.*)@(gmail\.com|googlemail\.com)$/.exec(email ?? '') ?? [];
  if (name === undefined || host === undefined) return email;
  const local = name.replaceAll('.', '').replace(/\+.*$/, '');
  return local === '' ? null : `${local}@${host}`;
}
