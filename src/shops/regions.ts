interface RegionDefaults {
  /** Fixed offset from UTC; TikTok's reports know no daylight saving. */
  timeZone: string;
  currency: string;
}

/**
 * What a shop of a region begins with; the API itself returns neither
 * (offsets: TikTok Shop Partner Center, "Compass export"; currencies: price fields of each region).
 */
const regions: Readonly<Record<string, RegionDefaults>> = {
  US: { timeZone: '-08:00', currency: 'USD' },
  MX: { timeZone: '-06:00', currency: 'MXN' },
  BR: { timeZone: '-03:00', currency: 'BRL' },
  GB: { timeZone: '+00:00', currency: 'GBP' },
  IE: { timeZone: '+00:00', currency: 'EUR' },
  PT: { timeZone: '+00:00', currency: 'EUR' },
  ES: { timeZone: '+01:00', currency: 'EUR' },
  DE: { timeZone: '+01:00', currency: 'EUR' },
  FR: { timeZone: '+01:00', currency: 'EUR' },
  IT: { timeZone: '+01:00', currency: 'EUR' },
  NL: { timeZone: '+01:00', currency: 'EUR' },
  BE: { timeZone: '+01:00', currency: 'EUR' },
  AT: { timeZone: '+01:00', currency: 'EUR' },
  PL: { timeZone: '+01:00', currency: 'PLN' },
  CZ: { timeZone: '+01:00', currency: 'CZK' },
  HU: { timeZone: '+01:00', currency: 'HUF' },
  GR: { timeZone: '+02:00', currency: 'EUR' },
  SA: { timeZone: '+03:00', currency: 'SAR' },
  ID: { timeZone: '+07:00', currency: 'IDR' },
  VN: { timeZone: '+07:00', currency: 'VND' },
  TH: { timeZone: '+07:00', currency: 'THB' },
  MY: { timeZone: '+08:00', currency: 'MYR' },
  SG: { timeZone: '+08:00', currency: 'SGD' },
  PH: { timeZone: '+08:00', currency: 'PHP' },
  JP: { timeZone: '+09:00', currency: 'JPY' },
};

/** Unknown regions count their days in UTC until somebody sets the zone. */
export function regionDefaults(region: string): { timeZone: string; currency: string | null } {
  return regions[region.toUpperCase()] ?? { timeZone: '+00:00', currency: null };
}
