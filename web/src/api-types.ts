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
