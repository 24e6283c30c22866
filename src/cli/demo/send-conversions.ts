import { setTimeout as sleep } from 'node:timers/promises';
import { TidelineError } from '../../errors.ts';
import type { ApiClient } from './api-client.ts';

/** What the demo asks of the simulated platforms. */
export interface PlatformControl {
  /** Lets the next request with events be counted, and its answer be lost. */
  loseAnswer(route: string): Promise<void>;
  /** Lets a platform refuse events for good. */
  refuse(platform: string, eventIds: readonly string[]): Promise<void>;
  setToken(platform: string, state: 'valid' | 'revoked'): Promise<void>;
}

/** What is said of deliveries, held against what the platforms have counted. */
export interface DeliveryComparison {
  equal: boolean;
  destinations: readonly { destination: string; statuses: Readonly<Record<string, number>> }[];
  counted: number;
  /** In words; none when equal. */
  differences: string[];
}

export interface ConversionParts {
  api: ApiClient;
  platforms: PlatformControl;
  compare(): Promise<DeliveryComparison>;
  report(line: string): void;
  signal: AbortSignal;
  /** Between two looks at the deliveries. */
  pollMs: number;
}

export interface ConversionResult {
  accepted: number;
  /** Sent twice and taken once. */
  duplicates: number;
  /** Deliveries that needed more than one request. */
  sentAgain: number;
  /** Why deliveries failed or were skipped, and how many. */
  reasons: { status: string; reason: string; deliveries: number }[];
  pause: { destination: string; reason: string; waited: number };
  comparison: DeliveryComparison;
}

interface Delivery {
  id: string;
  status: string;
  reason: string | null;
  attempt_count: number;
}

const day = 86_400;
const pausedDestination = 'meta';
const patienceMs = 120_000;

/**
 * Deliveries of every kind: delivered, sent again after an answer was lost, refused, skipped, and held back while their
 * destination was paused.
 */
export async function sendConversions(parts: ConversionParts): Promise<ConversionResult> {
  const { api, platforms, report } = parts;
  report('Sending conversions to the simulated TikTok, Meta and Google Ads…');
  // Results are asked for every half minute otherwise; nobody wants to wait for that here.
  await api.patch('/api/v1/destinations/google_ads', { settings: { result_poll_seconds: 2 } });
  await platforms.loseAnswer('tiktok_events');
  await platforms.refuse('tiktok', ['purchase-7']);
  const first = await post(api, [
    ...events('purchase', 100),
    ...events('trial', 20).map((event) => ({ ...event, event_name: 'TRIAL_BOOKED' })),
    ...events('canceled', 3).map((event) => ({ ...event, event_name: 'TRIAL_CANCELED' })),
    ...events('stranger', 2).map((event) => ({ ...event, user: { country: 'US' } })),
    ...events('ancient', 2).map((event) => ({ ...event, event_time: event.event_time - 20 * day })),
  ]);
  const repeated = await post(api, events('purchase', 10));
  await untilSettled(parts);

  await platforms.setToken(pausedDestination, 'revoked');
  const held = await post(api, events('held', 50));
  const pause = await untilPaused(parts, 50);
  report(`${pausedDestination} is paused: ${pause.reason}`);
  await platforms.setToken(pausedDestination, 'valid');
  await api.post(`/api/v1/destinations/${pausedDestination}/resume`, {});
  await untilSettled(parts);

  const deliveries = await readAll(api);
  return {
    accepted: first.accepted.length + repeated.accepted.length + held.accepted.length,
    duplicates: first.duplicates.length + repeated.duplicates.length + held.duplicates.length,
    sentAgain: deliveries.filter((one) => one.status === 'DELIVERED' && one.attempt_count > 1).length,
    reasons: countReasons(deliveries),
    pause,
    comparison: await parts.compare(),
  };
}

function events(prefix: string, count: number) {
  const event_time = Math.floor(Date.now() / 1_000) - 60;
  return Array.from({ length: count }, (_, index) => ({
    event_id: `${prefix}-${index}`,
    event_name: 'PURCHASE',
    event_time,
    user: {
      email: `${prefix}${index}@example.com`,
      gclid: `Cj0KCQ-${prefix}-${index}`,
      ip: '198.51.100.7',
      user_agent: 'Mozilla/5.0',
    },
    page: { url: 'https://shop.example.com/thanks' },
    properties: { value: 10 + index, currency: 'USD' },
  }));
}

interface Acceptance {
  accepted: unknown[];
  duplicates: unknown[];
  rejected: unknown[];
}

async function post(api: ApiClient, list: readonly object[]): Promise<Acceptance> {
  const answer = await api.post<Acceptance>('/api/v1/conversions', { events: list });
  if (answer.rejected.length === 0) return answer;
  throw unexpected(`events of the demo were refused: ${JSON.stringify(answer.rejected[0])}`);
}

const waiting = '/api/v1/deliveries?status=PENDING&status=SENDING&status=RETRYING&limit=1';

function untilSettled(parts: ConversionParts): Promise<void> {
  return until(parts, 'deliveries are settled', async () => {
    const { data } = await parts.api.get<{ data: unknown[] }>(waiting);
    return data.length === 0;
  });
}

async function untilPaused(parts: ConversionParts, deliveries: number): Promise<ConversionResult['pause']> {
  const { api } = parts;
  const found = { destination: pausedDestination, reason: '', waited: 0 };
  await until(parts, `${pausedDestination} is paused`, async () => {
    const path = `/api/v1/destinations/${pausedDestination}`;
    const { status, pause_reason } = await api.get<{ status: string; pause_reason: string | null }>(path);
    const held = await api.get<{ total: number }>(
      `/api/v1/deliveries?status=PENDING&destination=${pausedDestination}&limit=1&with_total=true`,
    );
    Object.assign(found, { reason: pause_reason ?? '', waited: held.total });
    return status === 'paused' && held.total === deliveries;
  });
  return found;
}

async function until(
  { signal, pollMs }: ConversionParts,
  what: string,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw unexpected(`waited in vain until ${what}`);
    await sleep(pollMs, undefined, { signal });
  }
}

interface DeliveryPage {
  data: Delivery[];
  next_cursor: string | null;
}

async function readAll(api: ApiClient): Promise<Delivery[]> {
  const path = '/api/v1/deliveries?limit=500';
  const all: Delivery[] = [];
  let page = await api.get<DeliveryPage>(path);
  all.push(...page.data);
  while (page.next_cursor !== null) {
    page = await api.get<DeliveryPage>(`${path}&cursor=${encodeURIComponent(page.next_cursor)}`);
    all.push(...page.data);
  }
  return all;
}

function countReasons(deliveries: readonly Delivery[]): ConversionResult['reasons'] {
  const counts = new Map<string, ConversionResult['reasons'][number]>();
  for (const { status, reason } of deliveries) {
    if (reason === null || status === 'DELIVERED') continue;
    // Of "Too old: 20 days …" and "40002: …" the beginning says enough.
    const short = reason.length > 60 ? `${reason.slice(0, 59)}…` : reason;
    const known = counts.get(`${status} ${short}`) ?? { status, reason: short, deliveries: 0 };
    counts.set(`${status} ${short}`, { ...known, deliveries: known.deliveries + 1 });
  }
  return [...counts.values()];
}

function unexpected(message: string): TidelineError {
  return new TidelineError({ code: 'demo-conversions', message: `The demo ${message}.`, actor: 'us' });
}
