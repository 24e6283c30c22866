import type { ConversionContent, ConversionEvent, ConversionUser } from '../../conversions/types.ts';
import { amount, compact, unlessEmpty } from '../compact.ts';
import { allHashed, hashed } from '../hashing.ts';
import { ipAddress, normalizeEmail, normalizeName, normalizePhone } from '../identifiers.ts';
import type { TikTokSettings } from './settings.ts';

/** One element of `data[]` of Events API 2.0. */
export interface TikTokEntry {
  event: string;
  /** Unix seconds. */
  event_time: number;
  event_id: string;
  limited_data_use?: boolean;
  user?: Record<string, unknown>;
  page?: { url?: string; referrer?: string };
  properties?: Record<string, unknown>;
}

/** @returns the event as TikTok takes it; whatever is empty is left out */
export function entryOf(
  event: ConversionEvent,
  platformEvent: string,
  settings: TikTokSettings,
): TikTokEntry {
  const onSiteOrApp = event.medium === 'web' || event.medium === 'app';
  return {
    event: platformEvent,
    event_time: Math.floor(event.event_time),
    event_id: event.event_id,
    ...compact({
      limited_data_use: onSiteOrApp ? event.limited_data_use : undefined,
      user: unlessEmpty(userOf(event.user, settings)),
      page: event.medium === 'web' ? unlessEmpty(compact({ ...event.page })) : undefined,
      properties: unlessEmpty(propertiesOf(event.properties)),
    }),
  };
}

function userOf(user: ConversionUser, { phone_country_code }: TikTokSettings) {
  return compact({
    email: allHashed(user.email, normalizeEmail),
    phone: allHashed(user.phone, (phone) => normalizePhone(phone, phone_country_code)),
    // Its case stays: public integrations disagree, and TikTok does not say.
    external_id: allHashed(user.external_id, (id) => id.trim()),
    first_name: hashed(user.first_name, withoutPunctuation),
    last_name: hashed(user.last_name, withoutPunctuation),
    zip_code: hashed(user.zip_code, (code) => code.replace(/\s/g, '').toLowerCase()),
    city: placeOf(user.city),
    state: placeOf(user.state),
    country: placeOf(user.country),
    ip: ipAddress(user.ip),
    user_agent: user.user_agent,
    locale: user.locale,
    ttclid: user.ttclid,
    ttp: user.ttp,
  });
}

function withoutPunctuation(name: string): string {
  return normalizeName(name).replace(/\p{P}/gu, '').trim();
}

/** Sent in clear: lower case, letters and digits of any script, nothing else. */
function placeOf(place: string | undefined): string | undefined {
  return place
    ?.normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function propertiesOf(properties: ConversionEvent['properties']) {
  const contents = (properties.contents ?? [])
    .map(contentOf)
    .filter((content) => Object.keys(content).length > 0);
  const named = contents.some(({ content_id }) => content_id !== undefined);
  return compact({
    value: amount(properties.value),
    currency: properties.currency?.toUpperCase(),
    order_id: properties.order_id,
    content_type: properties.content_type ?? (named ? 'product' : undefined),
    contents,
    num_items: amount(properties.num_items),
    query: properties.query,
    search_string: properties.search_string,
    description: properties.description,
    status: properties.status,
    predicted_ltv: amount(properties.predicted_ltv),
    delivery_category: properties.delivery_category,
    shop_id: properties.shop_id,
  });
}

function contentOf(content: ConversionContent) {
  return compact({
    // A number is refused (40002), and sources have been seen to hand one on.
    content_id: content.content_id === undefined ? undefined : String(content.content_id),
    content_name: content.content_name,
    content_category: content.content_category,
    brand: content.brand,
    price: amount(content.price),
    quantity: amount(content.quantity),
  });
}
