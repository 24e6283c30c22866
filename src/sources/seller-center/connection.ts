/** Signatures of a page, as versions of the page computed them. */
export const signatureProfiles = ['seed-5.1.1', 'seller-5.1.0'] as const;
export type SignatureProfile = (typeof signatureProfiles)[number];

/** What the owner's browser says of itself in signatures; null leaves what the profile says. */
export interface SignerSettings {
  envcode: number | null;
  ubcode: number | null;
  /** Canvas fingerprint, an unsigned 32-bit number. */
  canvas: number | null;
}

/** One owner's session in the seller center, opened: never logged, never in a payload. */
export interface SellerCenterConnection {
  /** Origin with an optional prefix, no trailing slash. */
  baseUrl: string;
  /** Of the product list; it tells the dialect, too. */
  path: string;
  sellerId: string;
  /** The whole `Cookie` header. */
  cookie: string;
  /** The browser's mark: the cookie `s_v_web_id`. Null leaves it out. */
  fp: string | null;
  userAgent: string;
  /** Such as `en` or `th-TH`. */
  locale: string;
  /** IANA name. */
  timeZoneName: string;
  /** Seconds east of UTC, fixed for each region. */
  timeZoneOffset: number;
  region: string;
}

export const defaultPath = '/api/v2/insights/seller/ttp/product/list/v2';

/** Calls itself what it is; owners who want may give the text of their own browser. */
export const defaultUserAgent = 'Mozilla/5.0 (compatible; Tideline)';

export const defaultLocale = 'en';

/** How a path answers: `v2` tells figures as `stats`, `v3` as `stats_v3`. */
export function dialectOf(path: string): 'v2' | 'v3' {
  return path.startsWith('/api/v3/') ? 'v3' : 'v2';
}

/** The seller center of a region (hosts seen in public clients; the United Kingdom is `uk` there). */
export function defaultBaseUrl(region: string): string {
  const country = region.toLowerCase() === 'gb' ? 'uk' : region.toLowerCase();
  return `https://seller-${/^[a-z]{2}$/.test(country) ? country : 'us'}.tiktok.com`;
}
