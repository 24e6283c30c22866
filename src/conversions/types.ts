/** Where an event happened (`source`). */
export const mediums = ['web', 'app', 'offline', 'crm'] as const;
export type Medium = (typeof mediums)[number];

/** What an event knows of the person behind it, in clear; values as they were given, trimmed, never empty. */
export interface ConversionUser {
  email?: readonly string[];
  phone?: readonly string[];
  external_id?: readonly string[];
  first_name?: string;
  last_name?: string;
  city?: string;
  state?: string;
  zip_code?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
  ip?: string;
  user_agent?: string;
  locale?: string;
  ttclid?: string;
  ttp?: string;
  fbc?: string;
  fbp?: string;
  gclid?: string;
  gbraid?: string;
  wbraid?: string;
}

export interface ConversionPage {
  url?: string;
  referrer?: string;
}

export interface ConversionContent {
  content_id?: string;
  content_name?: string;
  content_category?: string;
  brand?: string;
  price?: number;
  quantity?: number;
}

export interface ConversionProperties {
  value?: number;
  /** ISO 4217. */
  currency?: string;
  order_id?: string;
  content_type?: 'product' | 'product_group';
  contents?: readonly ConversionContent[];
  query?: string;
  search_string?: string;
  description?: string;
  status?: string;
  num_items?: number;
  /** What the buyer is expected to be worth in all, in `currency`. */
  predicted_ltv?: number;
  delivery_category?: (typeof deliveryCategories)[number];
  /** The platform's own. */
  shop_id?: string;
}

/** How a purchase reaches its buyer, as TikTok and Meta name it. */
export const deliveryCategories = ['in_store', 'curbside', 'home_delivery'] as const;

/** One thing that happened, as every source tells it and every destination takes it. */
export interface ConversionEvent {
  event_name: string;
  event_id: string;
  /** Unix seconds, rounded down. */
  event_time: number;
  medium: Medium;
  user: ConversionUser;
  page: ConversionPage;
  properties: ConversionProperties;
  test_event_code?: string;
  limited_data_use?: boolean;
}

export const deliveryStatuses = [
  'PENDING',
  'SENDING',
  'DELIVERED',
  'RETRYING',
  'FAILED',
  'SKIPPED',
  'EXPIRED',
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** Statuses that only a replay changes. */
export const settledStatuses = ['DELIVERED', 'FAILED', 'SKIPPED', 'EXPIRED'] as const;
