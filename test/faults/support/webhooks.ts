import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { startScriptedServer } from '../../support/scripted-server.ts';
import type { Trial } from './fault.ts';
import type { FaultRig } from './fault-rig.ts';
import type { Verdict } from './verdict.ts';

export const stripeSecret = 'whsec_of_a_fault_test';
export const acuityApiKey = 'acuity_key_of_a_fault_test';

export interface Signed {
  path: '/webhooks/stripe' | '/webhooks/acuity';
  body: string;
  headers: Record<string, string>;
}

export interface StripeSigning {
  secret?: string;
  /** Unix seconds. */
  at?: number;
}

/** Any event of Stripe's, signed as Stripe signs. */
export function stripeEvent(
  event: { id: string; type: string; created?: number; data: { object: object } },
  { secret = stripeSecret, at = Math.floor(Date.now() / 1_000) }: StripeSigning = {},
): Signed {
  const body = JSON.stringify({ created: at, ...event });
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` };
  return { path: '/webhooks/stripe', body, headers };
}

/** A purchase that was paid just now, signed as Stripe signs. */
export function stripePurchase(id: string, signing: StripeSigning = {}): Signed {
  const object = { id: `cs_${id}`, payment_status: 'paid', amount_total: 4900, currency: 'usd' };
  return stripeEvent({ id: `evt_${id}`, type: 'checkout.session.completed', data: { object } }, signing);
}

/** Something that happened to an appointment, a booking where not said otherwise, signed as Acuity signs. */
export function acuityBooking(id: string, { apiKey = acuityApiKey, action = 'scheduled' } = {}): Signed {
  const body = `action=${action}&id=${id}&calendarID=1&appointmentTypeID=2`;
  const signature = createHmac('sha256', apiKey).update(body).digest('base64');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-acuity-signature': signature };
  return { path: '/webhooks/acuity', body, headers };
}

export interface Acuity {
  /** Whether Acuity has an appointment, and what is not as usual with it. */
  appointment(id: string): Record<string, unknown> | null;
}

/** An installation that takes webhooks, with an Acuity that has every appointment where not said otherwise. */
export async function startWebhookRig(
  { rig: start, cleanUp, seed }: Trial,
  { appointment }: Acuity = { appointment: () => ({}) },
): Promise<FaultRig> {
  const acuity = await startScriptedServer();
  cleanUp(() => acuity.close());
  acuity.play((response, { path }) => {
    const id = path.split('/').at(-1) ?? '';
    const particular = appointment(id);
    const usual = { id, datetime: '2026-11-25T10:00:00-0500', canceled: false, forms: [] };
    response.statusCode = particular === null ? 404 : 200;
    response.end(JSON.stringify(particular === null ? {} : { ...usual, ...particular }));
  });
  const rig = await start({
    orders: 20,
    seed,
    environment: {
      STRIPE_WEBHOOK_SECRET: stripeSecret,
      ACUITY_API_KEY: acuityApiKey,
      ACUITY_USER_ID: '77',
      ACUITY_API_URL: acuity.url,
    },
  });
  await rig.sql`
    insert into destinations (destination_id, kind, name, settings) values ('held', 'tiktok', 'Held', '{}')
    on conflict do nothing`;
  // What is delivered where is the matter of other tests; here deliveries only have to be made once.
  await rig.sql`update destinations set status = 'paused', paused_by = 'person'`;
  return rig;
}

/** The status of the answer on a connection of its own; null when the connection broke before it. */
export function post(rig: FaultRig, { path, body, headers }: Signed): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const call = request(`${rig.apiUrl}${path}`, { method: 'POST', agent: false, headers });
    call.once('error', (error: NodeJS.ErrnoException) =>
      ['ECONNRESET', 'EPIPE', 'ECONNREFUSED'].includes(error.code ?? '') ? resolve(null) : reject(error),
    );
    call.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    call.end(body);
  });
}

/** Waits until nothing is left to be worked on. */
export async function settled(rig: FaultRig): Promise<void> {
  await rig.until(async () => {
    const waiting = await rig.sql`select 1 from webhook_events where next_attempt_at is not null limit 1`;
    return waiting.length === 0;
  }, 'every webhook is worked off');
}

/**
 * Holds what is stored against the ids of the events that were acknowledged, and those that may be stored although their
 * answer was lost: each acknowledged one is one event with one delivery for each destination, and there is no other.
 */
export async function judgeWebhooks(
  rig: FaultRig,
  acknowledged: readonly string[],
  unanswered: readonly string[] = [],
): Promise<Verdict> {
  const stored = await rig.sql<{ id: string; deliveries: number }[]>`
    select event_id as id, (select count(*) from deliveries d where d.event_key = e.event_key) as deliveries
    from conversion_events e`;
  const [destinations] = await rig.sql<{ count: number }[]>`select count(*) as count from destinations`;
  // Events of different names may have one id; it is acknowledged as often then.
  const wanted = countEach(acknowledged);
  const allowed = countEach([...unanswered, ...acknowledged]);
  const found = countEach(stored.map(({ id }) => id));
  const lost = [...wanted].filter(([id, count]) => (found.get(id) ?? 0) < count).map(([id]) => id);
  const surplus = [...found].filter(([id, count]) => count > (allowed.get(id) ?? 0)).map(([id]) => id);
  const uneven = stored.filter(({ deliveries }) => deliveries !== destinations?.count).map(({ id }) => id);
  return {
    lost: lost.length,
    doubled: surplus.length,
    refetched: null,
    differences: [
      ...lost.map((id) => `${id} was acknowledged and is no event.`),
      ...surplus.map((id) => `${id} is an event that nobody sent, or more than one.`),
      ...uneven.map((id) => `${id} has not one delivery for each destination.`),
    ],
  };
}

function countEach(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Does `work` while a transaction holds what a statement takes, and gives it back afterwards. */
export async function whileHeld(rig: FaultRig, statement: string, work: () => Promise<void>): Promise<void> {
  const holder = await rig.sql.reserve();
  try {
    await holder`begin`;
    await holder.unsafe(statement);
    await work();
  } finally {
    await holder`rollback`;
    holder.release();
  }
}

/** Process ids of the API's connections that wait for a lock. */
export async function waitingConnections(rig: FaultRig): Promise<number[]> {
  const rows = await rig.sql<{ pid: number }[]>`
    select pid from pg_stat_activity where application_name = 'tideline api' and wait_event_type = 'Lock'`;
  return rows.map(({ pid }) => pid);
}
