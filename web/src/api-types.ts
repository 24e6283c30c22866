/** What the API answers, as far as the dashboard reads it. */

export interface Session {
  scopes: string[];
  shop_ids: string[] | null;
  temporal_ui_url: string | null;
  version: string;
}

export interface Shop {
  id: string;
  tiktok_shop_id: string;
  name: string;
  region: string;
  currency: string | null;
  time_zone: string;
  status: 'active' | 'parked' | 'disconnected';
  sync_enabled: boolean;
  connected_at: string;
  seller_center: 'off' | 'active' | 'parked';
}

export interface Progress {
  orders_done: number;
  orders_expected: number | null;
  percent: number | null;
  rate_per_s: number;
  eta_s: number | null;
}

export type RunStatus =
  | 'queued'
  | 'running'
  | 'paused'
  | 'completed'
  | 'completed_with_differences'
  | 'failed'
  | 'cancelled';

export interface RunError {
  code: string;
  title: string;
  action: string | null;
  request_id: string | null;
}

export interface Run {
  run_id: string;
  stream: 'orders' | 'products' | 'analytics' | 'reconcile';
  mode: 'full' | 'incremental' | 'window' | 'reconcile';
  status: RunStatus;
  started_at: string | null;
  finished_at: string | null;
  progress: Progress | null;
  counts: { fetched: number; written: number; unchanged: number; quarantined: number; api_calls: number };
  error: RunError | null;
  temporal_ui_url: string | null;
}

export interface Export {
  run_id: string;
  status: RunStatus;
  progress: Progress | null;
  error: RunError | null;
  format: 'csv' | 'xlsx';
  file: { name: string; bytes: number; rows: number; expires_at: string } | null;
}

export interface OrdersStatus {
  status: 'idle' | 'running' | 'paused' | 'error';
  metadata: {
    last_full_sync_at: string | null;
    last_full_sync_result: string | null;
    last_sync_at: string | null;
    orders_total: number;
  };
  error: RunError | null;
}

export interface SetAsideRecord {
  record_id: string;
  path: string;
  reason: string;
  first_seen_at: string;
}

export interface Drift {
  path: string;
  kind: 'unknown' | 'missing' | 'retyped' | 'new_value';
  samples: string[];
  occurrences: number;
  first_seen_at: string;
}

export interface Destination {
  id: string;
  kind: 'tiktok' | 'meta' | 'google_ads';
  name: string;
  status: 'active' | 'paused' | 'mock';
  pause_reason: string | null;
}

export interface Delivery {
  id: string;
  event_id: string;
  event_name: string;
  destination: string;
  status: 'PENDING' | 'SENDING' | 'DELIVERED' | 'RETRYING' | 'FAILED' | 'SKIPPED' | 'EXPIRED';
  paused: boolean;
  reason: string | null;
  attempt_count: number;
  created_at: string;
}

/** How much of a range is known of a shop's figures. */
export interface Coverage {
  shop_id: string;
  permission: 'granted' | 'not_permitted' | null;
  latest_available_date: string | null;
  days: number;
  days_read: number;
  days_settled: number;
  final_up_to: string | null;
}

/** Money is a text, for it is exact; null is what TikTok did not tell. */
export type Figure = string | number | null;
export type Figures = Readonly<Record<string, Figure>>;

/** A row of a list of figures: what it is of, its figures, and those of the days it is compared with. */
export interface AnalyticsRow {
  readonly [column: string]: Figure | Figures | undefined;
  readonly previous?: Figures;
  readonly change?: Figures;
}

export interface AnalyticsPage {
  data: AnalyticsRow[];
  next_cursor: string | null;
  total?: number;
  currency?: string | null;
  coverage: Coverage[];
}

/** Places of the market, of one day and the days before it. */
export interface BestsellerRanking {
  data: { rank: number | null; id: string; title: string | null; gmv_range: string | null }[];
  date: string | null;
  permission: Coverage['permission'];
  latest_available_date: string | null;
}

/** What stands beside the figures of a product, as of one day. */
export interface NewestOfProduct {
  date: string;
  ratings: { stars: string; count: number | null; percentage: number | null }[];
  top_contents: { type: string | null; content_id: string; gmv: string | null; items_sold: number | null }[];
  top_creators: { creator: string; gmv: string | null; items_sold: number | null }[];
}

/** What stands beside the figures of a video, as of one day. */
export interface NewestOfVideo {
  date: string;
  viewer_profile: { viewers: string; trait: string; value: string; percentage: number | null }[];
}

/** Figures of one product, SKU or video over time. */
export interface DetailPage extends AnalyticsPage {
  newest?: NewestOfProduct | NewestOfVideo | null;
}

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
  total?: number;
}

export interface KeyFigures {
  gmv: string;
  net_gmv: string;
  orders_count: number;
  cancelled_orders: number;
  items_sold: number;
  average_order_value: string | null;
  customers: number;
  new_customers: number;
  returning_customers: number;
  new_gmv: string;
  returning_gmv: string;
  tiktok_gmv: string | null;
}

export interface Kpis extends KeyFigures {
  start_date: string;
  end_date: string;
  days: number;
  currency: string | null;
  previous: KeyFigures;
  change: Record<keyof KeyFigures, number | null>;
  coverage: Coverage[];
}

export interface ProductInsight {
  product_id: string;
  title: string | null;
  gmv: string;
  items_sold: number;
  stock: number | null;
  days_of_stock: string | null;
  share: string | null;
}

export interface UnusualDay {
  date: string;
  gmv: string;
  usual: string;
  score: string;
}

export interface Explained<Item> {
  how: string;
  data: Item[];
}

export interface Insights {
  start_date: string;
  end_date: string;
  currency: string | null;
  best_sellers: Explained<ProductInsight>;
  slow_movers: Explained<ProductInsight>;
  running_out: Explained<ProductInsight>;
  unusual_days: Explained<UnusualDay>;
  coverage: Coverage[];
}

export interface ComparedDay {
  date: string;
  currency: string | null;
  orders_gmv: string;
  tiktok_gmv: string | null;
  difference: string | null;
  explained: Record<'cancelled' | 'time_zone' | 'restated' | 'other', string | null>;
  settled: boolean | null;
}

export interface Restatement {
  date: string;
  stream: string;
  key: string;
  field: string;
  old: string | null;
  new: string | null;
  seen_at: string;
}

export type BackfillDayStatus =
  | 'waiting'
  | 'running'
  | 'done'
  | 'restated'
  | 'failed'
  | 'cancelled'
  | 'not_permitted'
  | 'not_available';

export interface BackfillDay {
  stream: string;
  date: string;
  status: BackfillDayStatus;
  reason: RunError | null;
  fetched: number;
  written: number;
  unchanged: number;
  quarantined: number;
}

export interface RunWithDays extends Run {
  days?: BackfillDay[];
}

export interface StartedRun {
  run_id: string;
  already_running: boolean;
}

export interface SellerCenter {
  status: 'off' | 'active' | 'parked';
  base_url: string | null;
  path: string | null;
  seller_id: string | null;
  user_agent: string | null;
  locale: string | null;
  signer: string | null;
  profile: string | null;
  signer_settings: Record<'envcode' | 'ubcode' | 'canvas', number | null> | null;
  connected_at: string | null;
  log_in_again_before: string | null;
  from_environment: boolean;
  last_error: RunError | null;
}

/** How brands are found in the names of products that TikTok names no brand of. */
export type BrandRule =
  | { kind: 'list'; brands: string[] }
  | { kind: 'prefix'; prefix?: string; separator?: string; brand?: string }
  | { kind: 'regular_expression'; expression: string; brand?: string };

export interface BrandRulePreview {
  products: number;
  named_by_tiktok: number;
  named_by_rules: number;
  unnamed: number;
  changed: number;
  rules: { products: number }[];
  examples: { product_id: string; title: string | null; before: string | null; after: string | null }[];
}
