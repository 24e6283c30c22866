import { dialectOf, type SellerCenterConnection } from './connection.ts';
import { parseCookie } from './cookie.ts';

export const pageSize = 50;

/** A request as the texts that are signed and sent, byte for byte. */
export interface RequestText {
  /** Without `?` and without signatures. */
  query: string;
  body: string;
}

/** The request for one page of one day's product list, in the order in which the page itself writes it. */
export function requestText(connection: SellerCenterConnection, date: string, page: number): RequestText {
  return { query: queryOf(connection), body: bodyOf(connection, date, page) };
}

function queryOf(connection: SellerCenterConnection): string {
  const { locale, sellerId, fp, userAgent, timeZoneName } = connection;
  const parameters: [string, string | null][] = [
    ['locale', locale],
    ['language', locale],
    ['oec_seller_id', sellerId],
    ['seller_id', sellerId],
    ['aid', isCrossBorder(connection.baseUrl) ? '6556' : '4068'],
    ['app_name', 'i18n_ecom_shop'],
    ['fp', fp],
    ['device_platform', 'web'],
    ['cookie_enabled', 'true'],
    ['screen_width', '1512'],
    ['screen_height', '982'],
    ['browser_language', locale],
    ['browser_platform', platformOf(userAgent)],
    ['browser_name', 'Mozilla'],
    ['browser_version', userAgent.replace(/^Mozilla\//, '')],
    ['browser_online', 'true'],
    ['timezone_name', timeZoneName],
    ['use_content_type_definition', '1'],
    ['msToken', parseCookie(connection.cookie).get('msToken') ?? null],
  ];
  return parameters
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${encode(value)}`]))
    .join('&');
}

/** Compact, for its very text is signed. The end of the range is exclusive. */
function bodyOf({ path, timeZoneOffset }: SellerCenterConnection, date: string, page: number): string {
  const search = dialectOf(path) === 'v3' ? { channel_type: 0 } : { voc_statuses: [], gmv_ranges: [] };
  return JSON.stringify({
    request: {
      time_descriptor: { start: date, end: dayAfter(date), timezone_offset: timeZoneOffset },
      ccr_available_date: date,
      search,
      filter: {},
      list_control: { rules: [{ direction: 2, field: 'gmv' }], pagination: { size: pageSize, page } },
    },
  });
}

/** Where the page that makes such requests would stand; the site looks at it. */
export function refererOf({ baseUrl, region }: SellerCenterConnection, date: string): string {
  const range = encode(`${date}|${dayAfter(date)}`);
  return `${baseUrl}/compass/product-analysis?shop_region=${region}&timeRange=${range}`;
}

export function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** As browsers write it: all but letters, digits and `-_.~`, the padding at the end of a token excepted. */
function encode(value: string): string {
  const bare = value.replace(/=+$/, '');
  return (
    encodeURIComponent(bare).replaceAll(
      /[!'()*]/g,
      (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
    ) + value.slice(bare.length)
  );
}

function isCrossBorder(baseUrl: string): boolean {
  return new URL(baseUrl).hostname.endsWith('.tiktokshopglobalselling.com');
}

function platformOf(userAgent: string): string {
  if (userAgent.includes('Macintosh')) return 'MacIntel';
  return userAgent.includes('Windows') ? 'Win32' : 'Linux x86_64';
}
