import type { ConversionContent, ConversionEvent, ConversionUser, Medium } from '../../conversions/types.ts';
import { amount, compact, unlessEmpty } from '../compact.ts';
import { allHashed, hashed } from '../hashing.ts';
import { ipAddress, normalizeEmail, normalizeName, normalizePhone } from '../identifiers.ts';
import type { MetaSettings } from './settings.ts';

/** One element of `data[]` of the Conversions API. */
export interface MetaEntry {
  event_name: string;
  /** Unix seconds. */
  event_time: number;
  event_id: string;
  action_source: string;
  event_source_url?: string;
  referrer_url?: string;
  user_data: Record<string, unknown>;
  custom_data?: Record<string, unknown>;
  data_processing_options?: string[];
  data_processing_options_country?: number;
  data_processing_options_state?: number;
}

const actionSources: Record<Medium, string> = {
  web: 'website',
  app: 'app',
  offline: 'physical_store',
  crm: 'system_generated',
};

/** @returns the event as Meta takes it; whatever is empty is left out */
export function entryOf(event: ConversionEvent, platformEvent: string, settings: MetaSettings): MetaEntry {
  const { page, user } = event;
  const onPage =
    event.medium === 'web' ? compact({ event_source_url: page.url, referrer_url: page.referrer }) : {};
  const customData = customDataOf(event.properties);
  return {
    event_name: platformEvent,
    event_time: Math.floor(event.event_time),
    event_id: event.event_id,
    action_source: actionSourceOf(event),
    ...onPage,
    user_data: userDataOf(user, settings),
    ...(Object.keys(customData).length === 0 ? {} : { custom_data: customData }),
    // 0 and 0: Meta works out by itself where the person is.
    ...(event.limited_data_use === true
      ? {
          data_processing_options: ['LDU'],
          data_processing_options_country: 0,
          data_processing_options_state: 0,
        }
      : {}),
  };
}

/** "website" obliges to an address and a browser, or the whole request is refused; without them it is said less exactly. */
function actionSourceOf({ medium, page, user }: ConversionEvent): string {
  const told = (page.url ?? '').trim() !== '' && (user.user_agent ?? '').trim() !== '';
  return medium === 'web' && !told ? 'other' : actionSources[medium];
}

function userDataOf(user: ConversionUser, { phone_country_code }: MetaSettings) {
  return compact({
    em: allHashed(user.email, emailOf),
    ph: allHashed(user.phone, (phone) => phoneOf(phone, phone_country_code)),
    external_id: allHashed(user.external_id, normalizeName),
    fn: digestOf(user.first_name, normalizeName),
    ln: digestOf(user.last_name, normalizeName),
    ct: digestOf(user.city, placeOf),
    st: digestOf(user.state, placeOf),
    zp: digestOf(user.zip_code, (code) => code.replace(/\s/g, '').split('-', 1)[0]?.toLowerCase() ?? null),
    country: digestOf(user.country, countryOf),
    client_ip_address: ipAddress(user.ip),
    client_user_agent: user.user_agent,
    fbc: user.fbc,
    fbp: user.fbp,
  });
}

/** Meta also takes MD5 digests as they are. */
function digestOf(
  value: string | undefined,
  normalize: (value: string) => string | null,
): string | undefined {
  const text = value?.trim() ?? '';
  return /^[0-9a-f]{32}$/i.test(text) ? text.toLowerCase() : hashed(text, normalize);
}

function emailOf(value: string): string | null {
  const email = normalizeEmail(value);
  return email !== null && /@.+\..+$/.test(email) ? email : null;
}

/** Digits with the country's code and without the plus sign, unlike TikTok's and Google's. */
function phoneOf(value: string, countryCode: string): string | null {
  return normalizePhone(value, countryCode)?.slice(1) ?? null;
}

function placeOf(place: string): string {
  return normalizeName(place).replace(/[\d.\s\-()]/g, '');
}

function countryOf(country: string): string | null {
  const letters = country.replace(/[^a-z]/gi, '').toLowerCase();
  return letters.length === 2 ? letters : null;
}

function customDataOf(properties: ConversionEvent['properties']) {
  const contents = (properties.contents ?? []).map(contentOf).filter((content) => content !== undefined);
  return compact({
    value: amount(properties.value),
    currency: properties.currency?.toUpperCase(),
    order_id: properties.order_id,
    content_type: properties.content_type ?? (contents.length > 0 ? 'product' : undefined),
    contents,
    num_items: amount(properties.num_items),
    search_string: properties.search_string ?? properties.query,
    status: properties.status,
    predicted_ltv: amount(properties.predicted_ltv),
    delivery_category: properties.delivery_category,
  });
}

/** Without an id a content says nothing to Meta. */
function contentOf({ content_id, price, quantity }: ConversionContent) {
  const id = content_id === undefined ? '' : String(content_id).trim();
  return id === ''
    ? undefined
    : unlessEmpty(compact({ id, quantity: amount(quantity), item_price: amount(price) }));
}
