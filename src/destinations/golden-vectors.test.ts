import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversionUser } from '../conversions/types.ts';
import { isJsonObject } from '../json-object.ts';
import { packageRoot } from '../paths.ts';
import { googleAds } from './google-ads/index.ts';
import { meta } from './meta/index.ts';
import { purchaseOf } from './testing/events.ts';
import { tiktok } from './tiktok/index.ts';

interface Vector {
  id: string;
  field: keyof ConversionUser;
  destination: string;
  country_default: string | null;
  input: string;
  sha256: string | null;
}

const file = join(packageRoot, '..', 'shared', 'vectors', 'conversion-hash.json');
const vectors: Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).vectors : [];
const callingCodes: Record<string, string> = { US: '1', GB: '44' };

/** The person of an event as one destination sends them, by the name of our own field. */
const sent: Record<string, (user: ConversionUser, countryCode: string) => Record<string, unknown>> = {
  tiktok(user, phone_country_code) {
    const settings = tiktok.settingsSchema.parse({ pixel_id: 'P', phone_country_code });
    const mapping = tiktok.map(purchaseOf({ ttp: 'p', ...user }), settings);
    return 'entry' in mapping ? (mapping.entry.user ?? {}) : {};
  },
  meta(user, phone_country_code) {
    const settings = meta.settingsSchema.parse({ pixel_id: 'P', phone_country_code });
    const mapping = meta.map(purchaseOf({ fbp: 'p', ...user }), settings);
    const { em, ph, ct, zp, country } = 'entry' in mapping ? mapping.entry.user_data : {};
    return { email: em, phone: ph, city: ct, zip_code: zp, country };
  },
  google(user, phone_country_code) {
    const settings = googleAds.settingsSchema.parse({ conversion_action: '1', phone_country_code });
    const mapping = googleAds.map(purchaseOf(user), settings);
    const userData: unknown = 'entry' in mapping ? mapping.entry.event.userData : undefined;
    const [identifier] =
      isJsonObject(userData) && Array.isArray(userData.userIdentifiers) ? userData.userIdentifiers : [];
    return { email: identifier?.emailAddress, phone: identifier?.phoneNumber };
  },
};

describe.skipIf(vectors.length === 0)('hash vectors (skipped where ../shared/vectors is absent)', () => {
  it.each(vectors)(
    '$id: $field for $destination',
    ({ field, destination, country_default, input, sha256 }) => {
      const value = ['email', 'phone', 'external_id'].includes(field) ? [input] : input;
      const user =
        sent[destination]?.({ [field]: value }, callingCodes[country_default ?? 'US'] ?? '1') ?? {};
      expect([user[field]].flat()).toEqual([sha256]);
    },
  );
});
