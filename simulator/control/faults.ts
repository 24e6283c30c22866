import { isRecord } from '../files/json-facts.ts';
import { type PoisonKind, poisonKinds } from '../orders/order-source.ts';
import { type DriftKind, driftKinds } from '../platform/spoil-data.ts';
import { RandomSequence } from '../random.ts';

export const routeNames = [
  'token_get',
  'token_refresh',
  'authorized_shops',
  'order_search',
  'order_detail',
  'product_search',
  'product_detail',
  'analytics_shop',
  'analytics_hourly',
  'analytics_products',
  'analytics_product',
  'analytics_skus',
  'analytics_sku',
  'analytics_videos',
  'analytics_video_overview',
  'analytics_video',
  'analytics_video_products',
  'analytics_lives',
  'analytics_live_overview',
  'analytics_live_minutes',
  'analytics_live_products',
  'analytics_bestsellers',
  'affiliate_orders',
  'seller_center_products',
  'seller_center_dates',
  'tiktok_events',
  'meta_events',
  'google_ingest',
  'google_status',
  'google_upload',
  'google_token',
  'acuity_appointment',
] as const;
export type RouteName = (typeof routeNames)[number];

export const faultKinds = [
  /** Answers with `http_status` and no useful body. */
  'status',
  /** HTTP 502 with a page of HTML. */
  'html',
  /** The envelope with `code` and `message`, under `http_status` (200 where not given). */
  'code',
  /** Throttled: 429, or inside a 200 with `in_body`. */
  'throttle',
  /** Takes the request and never answers. */
  'hang',
  /** Does what was asked, then never answers. */
  'hang_after',
  /** Does what was asked, then answers with the HTML page of a gateway. */
  'html_after',
  /** Does not take the first `count` events (1 where not given) of a request; says so where `listed`. */
  'partial',
  /** Sends `bytes_per_second` bytes a second (1 where not given). */
  'slow',
  /** Resets the connection before answering; nothing was done. */
  'reset',
  /** Does what was asked, then resets the connection: an answer lost. */
  'lost_answer',
  /** Resets after half of the body. */
  'reset_mid_body',
  /** Ends the connection after half of the body that Content-Length promised. */
  'truncated',
  /** Half of the JSON under a Content-Length that fits it. */
  'truncated_json',
  'malformed_json',
  /** A byte order mark before the JSON. */
  'bom',
  /** Says gzip, sends something else. */
  'bad_gzip',
  /** No rows, but a token that leads on. */
  'empty_page',
  /** Rows, and a next token that leads back to the same page for ever. */
  'repeated_token',
  /** `count` rows of the page twice (5 where not given). */
  'duplicates',
  /** `total_count` off by `delta` (7 where not given). */
  'lying_total',
  /** No `total_count` at all. */
  'missing_total',
  /** The first `count` rows (1 where not given) poisoned in this answer only, in the way of `poison`. */
  'poison',
  /** `count` rows of the answer with `field` changed in the way of `drift`. */
  'drift',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  id: number;
  kind: FaultKind;
  /** `null`: every route. */
  route: RouteName | null;
  /** TikTok shop id, or the event source of a destination (`source`); `null`: all. */
  shopId: string | null;
  /** Calls let through before it begins. */
  after: number;
  /** Calls it still hits; `null` is without end. */
  times: number | null;
  probability: number;
  httpStatus: number;
  code: number;
  message: string;
  retryAfter: string | null;
  inBody: boolean;
  bytesPerSecond: number;
  count: number;
  delta: number;
  poison: PoisonKind;
  drift: DriftKind;
  /** Name of the field that drifts, wherever it stands in a row, or of the new one. */
  field: string;
  /** Meta's subcode. */
  subcode: number | null;
  /** Meta's `is_transient`. */
  transient: boolean;
  /** Google's name of an error, such as RESOURCE_EXHAUSTED. */
  error: string | null;
  /** Whether a partial success names the events that failed. */
  listed: boolean;
  /** Calls it has hit. */
  hits: number;
}

/** The script of faults: which of the next calls go wrong, and how. */
export class FaultScript {
  #faults: Fault[] = [];
  #random: RandomSequence;
  #next = 1;

  constructor(seed: number) {
    this.#random = new RandomSequence(seed);
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  add(fault: Omit<Fault, 'id' | 'hits'>): Fault {
    const added = { ...fault, id: this.#next, hits: 0 };
    this.#next += 1;
    this.#faults.push(added);
    return added;
  }

  /** Takes away one fault, or all of them. Returns how many went. */
  remove(id: number | null): number {
    const before = this.#faults.length;
    this.#faults = id === null ? [] : this.#faults.filter((fault) => fault.id !== id);
    return before - this.#faults.length;
  }

  /** Begins the choices of probability anew, so that a test can repeat them. */
  reseed(seed: number): void {
    this.#random = new RandomSequence(seed);
  }

  /** The fault that this call meets, if any; the first in the script that fits. */
  take(route: RouteName, shopId: string | null): Fault | null {
    for (const fault of this.#faults) {
      if (fault.route !== null && fault.route !== route) continue;
      if (fault.shopId !== null && fault.shopId !== shopId) continue;
      if (fault.times !== null && fault.times <= 0) continue;
      if (fault.after > 0) {
        fault.after -= 1;
        continue;
      }
      if (fault.probability < 1 && this.#random.next() >= fault.probability) continue;
      if (fault.times !== null) fault.times -= 1;
      fault.hits += 1;
      return fault;
    }
    return null;
  }
}

/** Reads a fault from the control API; a string says what is wrong. */
export function readFault(value: unknown): Omit<Fault, 'id' | 'hits'> | string {
  if (!isRecord(value)) return 'a fault is a JSON object';
  const kind = faultKinds.find((name) => name === value.kind);
  if (kind === undefined) return `kind must be one of ${faultKinds.join(', ')}`;
  const route = value.route == null ? null : routeNames.find((name) => name === value.route);
  if (route === undefined) return `route must be one of ${routeNames.join(', ')}`;
  const poison =
    value.poison === undefined ? 'money_exponent' : poisonKinds.find((name) => name === value.poison);
  if (poison === undefined) return `poison must be one of ${poisonKinds.join(', ')}`;
  const drift = driftKinds.find((name) => name === (value.drift ?? 'new_field'));
  if (drift === undefined) return `drift must be one of ${driftKinds.join(', ')}`;
  const number = (name: string, fallback: number): number => {
    const found = value[name];
    return typeof found === 'number' && Number.isFinite(found) ? found : fallback;
  };
  const defaultStatus = kind === 'html' || kind === 'html_after' ? 502 : kind === 'status' ? 500 : 200;
  return {
    kind,
    route,
    shopId: [value.shop_id, value.source].find((id) => typeof id === 'string') ?? null,
    after: number('after', 0),
    times:
      value.times === null || (value.times === undefined && value.probability !== undefined)
        ? null
        : number('times', 1),
    probability: number('probability', 1),
    httpStatus: number('http_status', defaultStatus),
    code: number('code', 36009003),
    message: typeof value.message === 'string' ? value.message : 'Internal error',
    retryAfter: value.retry_after == null ? null : String(value.retry_after),
    inBody: value.in_body === true,
    bytesPerSecond: number('bytes_per_second', 1),
    count: number('count', kind === 'duplicates' ? 5 : 1),
    delta: number('delta', 7),
    poison,
    drift,
    field: typeof value.field === 'string' ? value.field : drift === 'new_field' ? 'hologram_seal' : 'gmv',
    subcode: typeof value.subcode === 'number' ? value.subcode : null,
    transient: value.transient === true,
    error: typeof value.error === 'string' ? value.error : null,
    listed: value.listed === true,
  };
}
