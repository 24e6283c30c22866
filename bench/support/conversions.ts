import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { credentials } from '../../simulator/conversions/platforms.ts';
import { compareConversions, formatConversions } from '../../simulator/index.ts';
import { platformEnvironment } from '../../src/cli/demo/platforms.ts';
import type { Rig } from './rig.ts';

/** All simulated platforms as destinations, and an API that takes as much as it can. */
export const allPlatforms: NodeJS.ProcessEnv = {
  ...platformEnvironment(credentials),
  TIDELINE_API_REQUESTS_PER_SECOND: '5000',
};

const { TIKTOK_PIXEL_ID, TIKTOK_ACCESS_TOKEN, TIDELINE_API_REQUESTS_PER_SECOND } = allPlatforms;

/** The same with TikTok alone. */
export const tiktokAlone: NodeJS.ProcessEnv = {
  TIKTOK_PIXEL_ID,
  TIKTOK_ACCESS_TOKEN,
  TIDELINE_API_REQUESTS_PER_SECOND,
};

/** A purchase as a shop reports it, with what every platform can match it by. */
export function purchase(eventId: string): { event_id: string } & Record<string, unknown> {
  return {
    event_id: eventId,
    event_name: 'PURCHASE',
    event_time: Math.floor(Date.now() / 1_000) - 5,
    user: {
      email: `${eventId}@example.com`,
      phone: '+12025550123',
      first_name: 'Ada',
      last_name: 'Byron',
      external_id: `customer-${eventId}`,
      ttclid: `E.C.P.${eventId}`,
      gclid: `Cj0KCQ-${eventId}`,
      ip: '198.51.100.7',
      user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15',
    },
    page: { url: 'https://shop.example.com/thanks', referrer: 'https://shop.example.com/checkout' },
    properties: {
      value: 42.5,
      currency: 'USD',
      order_id: eventId,
      contents: [{ content_id: 'sku-1', content_name: 'Lamp', price: 21.25, quantity: 2 }],
    },
  };
}

/** Purchases with ids `prefix-0`, `prefix-1`, … */
export function purchases(prefix: string, count: number): ReturnType<typeof purchase>[] {
  return Array.from({ length: count }, (_, index) => purchase(`${prefix}-${index}`));
}

/** Sends events to the API. Every one must be accepted. */
export interface EventSender {
  send(events: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

export function createEventSender(rig: Rig, connections: number): EventSender {
  const pool = new Pool(rig.apiUrl, { connections, keepAliveTimeout: 1_000 });
  return {
    async send(events) {
      const answer = await pool.request({
        method: 'POST',
        path: '/api/v1/conversions',
        headers: { authorization: `Bearer ${rig.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(events.length === 1 ? events[0] : { events }),
      });
      const text = await answer.body.text();
      const accepted = answer.statusCode === 202 ? JSON.parse(text).accepted.length : 0;
      if (accepted !== events.length)
        throw new Error(
          `${accepted} of ${events.length} accepted: ${answer.statusCode} ${text.slice(0, 300)}`,
        );
    },
    close: () => pool.close(),
  };
}

/** Does `count` pieces of work, `lanes` of them at once. Milliseconds in all. */
export async function inLanes(
  count: number,
  lanes: number,
  work: (nth: number) => Promise<void>,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let nth = next++; nth < count; nth = next++) await work(nth);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return performance.now() - started;
}

/** Waits until every delivery has come to an end, and does something between two looks. */
export async function untilSettled(
  rig: Rig,
  meanwhile: () => Promise<void> | void,
  everyMs: number,
): Promise<void> {
  while (true) {
    const [row] = await rig.sql<{ waits: boolean }[]>`
      select exists (select 1 from deliveries where next_attempt_at is not null)
        or exists (select 1 from deliveries where status = 'SENDING') as waits`;
    if (row?.waits === false) return;
    await meanwhile();
    await sleep(everyMs);
  }
}

/** Throws where what is said of deliveries is not what the simulated platforms have counted. */
export async function requireTruth(rig: Rig): Promise<number> {
  const { controlUrl } = rig.simulator.address;
  const compared = await compareConversions({ databaseUrl: rig.databaseUrl, controlUrl });
  const lies = formatConversions(compared);
  if (lies.length > 0) throw new Error(`Deliveries differ from what was counted:\n${lies.join('\n')}`);
  return compared.counted;
}

/** Takes away all events, and what the platforms have counted. */
export async function forgetEvents(rig: Rig): Promise<void> {
  await rig.sql`
    truncate conversion_events, deliveries, delivery_attempts, delivery_requests, replayed_deliveries`;
  await rig.sql`vacuum (analyze) conversion_events, deliveries`;
  await rig.sql`checkpoint`;
  await fetch(`${rig.simulator.address.controlUrl}/conversions/ledger`, { method: 'DELETE' });
}
