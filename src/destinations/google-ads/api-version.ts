/** "Upload offline conversions", Google Ads API; versions end about a year after they begin, hence a setting. */
export const googleAdsApiVersion = 'v26';

/** "Method: events.ingest", Data Manager API. */
export const dataManagerApiVersion = 'v1';
