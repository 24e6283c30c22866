/** The vocabulary that workflows, activities, API and command line share. Types and constants only. */

export const streams = ['orders', 'products', 'analytics'] as const;
export type Stream = (typeof streams)[number];

/** What a run works on: a stream, or the comparison of what is stored with upstream. */
export const runStreams = [...streams, 'reconcile'] as const;
export type RunStream = (typeof runStreams)[number];

export type SyncMode = 'full' | 'incremental' | 'window';
export type RunMode = SyncMode | 'reconcile';
export type RunTrigger = 'api' | 'schedule' | 'connect' | 'command';

/** Where the figures of a run of analytics come from. */
export const runSources = ['open_api', 'seller_center', 'workbook'] as const;
export type RunSource = (typeof runSources)[number];

/** Days of analytics that somebody asked for. */
export interface BackfillRequest {
  /** In alphabetical order; null is all of them. */
  streams: readonly string[] | null;
  /** The shop's own calendar days, `YYYY-MM-DD`, both inclusive. */
  dateFrom: string;
  dateTo: string;
  /** The Open API when left out. */
  source?: RunSource;
}

/** What becomes of a day of a stream in a run of analytics. */
export const runDayStatuses = [
  'waiting',
  'running',
  'done',
  'restated',
  'failed',
  'cancelled',
  'not_permitted',
  'not_available',
] as const;

/** A unit of work of a run of analytics, as the API shows it. */
export interface BackfillDay {
  stream: string;
  date: string;
  status: (typeof runDayStatuses)[number];
  /** Why it has no figures. */
  reason: RunError | null;
  fetched: number;
  written: number;
  unchanged: number;
  quarantined: number;
}

export type RunStatus =
  | 'queued'
  | 'running'
  | 'paused'
  | 'completed'
  | 'completed_with_differences'
  | 'failed'
  | 'cancelled';

export const finishedStatuses: readonly RunStatus[] = [
  'completed',
  'completed_with_differences',
  'failed',
  'cancelled',
];

/** Progress of a run. Counts are records; `rate_per_s` is over the last half minute; `eta_s` is null while unknown. */
export interface Progress {
  orders_done: number;
  orders_expected: number | null;
  percent: number | null;
  rate_per_s: number;
  eta_s: number | null;
}

export interface RunCounts {
  fetched: number;
  /** Rows that were new or changed. */
  written: number;
  unchanged: number;
  quarantined: number;
  api_calls: number;
  throttled: number;
}

export interface RunError {
  code: string;
  title: string;
  /** What a person can do about it. */
  action: string | null;
  /** TikTok's request id, where the error came from there. */
  request_id: string | null;
}

/** One run as the API, the command line and the dashboard show it. */
export interface Run {
  run_id: string;
  shop_id: string;
  stream: RunStream;
  mode: RunMode;
  status: RunStatus;
  started_at: string | null;
  finished_at: string | null;
  window: { from: string; to: string } | null;
  progress: Progress | null;
  counts: RunCounts;
  error: RunError | null;
  workflow_id: string;
  temporal_ui_url: string | null;
}

export interface StartedRun {
  run_id: string;
  workflow_id: string;
  mode: RunMode;
  already_running: boolean;
  temporal_ui_url: string | null;
}

/** Whether the newest order of a shop is as new as its own rhythm lets expect. */
export interface Freshness {
  newest_order_at: string | null;
  /** Seconds since then. */
  gap_s: number | null;
  /** Seconds between two orders at this hour of this weekday, on average of the eight weeks before the newest one. */
  usual_gap_s: number | null;
  /** Orders that the shop usually has in a gap like this one. */
  usual_orders: number | null;
  /** `stale`: a gap that the shop's rhythm does not explain; `unknown`: too few orders for a rhythm. */
  state: 'fresh' | 'stale' | 'unknown';
}

export interface StreamStatus {
  status: 'idle' | 'running' | 'paused' | 'error';
  metadata: {
    last_full_sync_at: string | null;
    last_full_sync_result: 'complete' | 'completed_with_differences' | null;
    last_sync_at: string | null;
    watermark: string | null;
    orders_total: number;
    /** Of orders; null for every other stream. */
    freshness: Freshness | null;
    last_run: {
      run_id: string;
      mode: RunMode;
      orders_fetched: number;
      orders_written: number;
      api_calls: number;
      duration_ms: number | null;
    } | null;
  };
  progress: Progress | null;
  error: RunError | null;
}

export interface ScheduleSettings {
  /** Such as `5m`, `1h`, `1d`. */
  every: string;
  jitter: string;
  paused: boolean;
}
