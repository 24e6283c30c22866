import { type Destination, listDestinations } from '../conversions/destinations.ts';
import { type DeliveryStatus, mediums, settledStatuses } from '../conversions/types.ts';
import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { outcomeUnknown } from './prepare.ts';
import { type DeliveryFilter, deliveryNumber, matches, noDelivery } from './read-deliveries.ts';
import type { DeliveryTools } from './tools.ts';

/** What a replay would do, or has begun to do. */
export interface ReplayPlan {
  /** Sent again; the platform tells doubles apart. */
  would_send: number;
  /** The platform would no longer count them: left out. */
  too_old: number;
  /** May have been counted, and are outside the window in which doubles are told apart: left out unless confirmed. */
  would_count_twice: number;
}

export interface Replay extends ReplayPlan {
  replay_id: string;
  status: 'running' | 'cancelled';
  deliveries: number;
}

/** What a filter without a status means: whatever ended and was not delivered. */
const replayedByDefault: readonly DeliveryStatus[] = ['FAILED', 'SKIPPED', 'EXPIRED'];
const longestMs = 100 * 365 * 86_400_000;

/** For each destination and medium how old an event may be, and how long doubles are told apart. */
function limitsOf(destinations: readonly Destination[]) {
  return destinations.flatMap(({ id, kind, settings }) =>
    mediums.map((medium) => {
      const event = {
        event_name: '',
        event_id: '',
        event_time: 0,
        medium,
        user: {},
        page: {},
        properties: {},
      };
      return {
        destination_id: id,
        medium,
        largest_age_ms: Math.min(longestMs, kind.largestAgeMs(event, settings)),
        window_ms: Math.min(longestMs, kind.dedupWindowMs),
      };
    }),
  );
}

/** Settled deliveries that a filter means, with what would become of each. */
function judged(
  sql: Sql | Transaction,
  limits: ReturnType<typeof limitsOf>,
  filter: DeliveryFilter,
  deliveryId: number | null = null,
) {
  return sql`
    select d.delivery_id, d.status, d.reason, d.settled_at, case
      when e.event_time < now() - l.largest_age_ms * interval '1 millisecond' then 'too_old'
      when d.reason = ${outcomeUnknown} then 'twice'
      when d.first_sent_at < now() - l.window_ms * interval '1 millisecond' then 'twice'
      else 'send' end as verdict
    from deliveries d join conversion_events e using (event_key)
    join jsonb_to_recordset(${sql.json(limits)})
      as l(destination_id text, medium text, largest_age_ms bigint, window_ms bigint)
      on l.destination_id = d.destination_id and l.medium = e.medium
    where d.status = any(${[...settledStatuses]}::text[]) and ${matches(sql, filter)}
      and (${deliveryId}::bigint is null or d.delivery_id = ${deliveryId})`;
}

function completed(filter: DeliveryFilter): DeliveryFilter {
  return { ...filter, status: filter.status ?? replayedByDefault };
}

async function limits({ sql, conversionKey, findKind }: DeliveryTools) {
  return limitsOf(await listDestinations(sql, await conversionKey(), findKind));
}

/** Says what a replay would do, and does nothing. */
export async function rehearseReplay(tools: DeliveryTools, filter: DeliveryFilter): Promise<ReplayPlan> {
  return planOf(tools.sql, await limits(tools), completed(filter));
}

async function planOf(
  sql: Sql | Transaction,
  allowed: ReturnType<typeof limitsOf>,
  filter: DeliveryFilter,
): Promise<ReplayPlan> {
  const [row] = await sql<ReplayPlan[]>`
    select count(*) filter (where verdict = 'send') as would_send,
      count(*) filter (where verdict = 'too_old') as too_old,
      count(*) filter (where verdict = 'twice') as would_count_twice
    from (${judged(sql, allowed, filter)}) one`;
  return row ?? { would_send: 0, too_old: 0, would_count_twice: 0 };
}

/**
 * Sends again what a filter means, behind everything that is live.
 *
 * @param confirm whether to send, too, what the platform may count twice
 */
export async function startReplay(
  tools: DeliveryTools,
  given: DeliveryFilter,
  confirm: boolean,
): Promise<Replay> {
  const filter = completed(given);
  const allowed = await limits(tools);
  const replay = await tools.sql.begin(async (tx) => {
    const plan = await planOf(tx, allowed, filter);
    const [made] = await tx<{ replay_id: number }[]>`
      insert into delivery_replays (filter, deliveries) values (${tx.json(filter as never)}, 0) returning replay_id`;
    if (made === undefined) throw new Error('The replay was not stored.');
    const taken = await tx`
      insert into replayed_deliveries (replay_id, delivery_id, status, reason, settled_at)
      select ${made.replay_id}, delivery_id, status, reason, settled_at
      from (${judged(tx, allowed, filter)}) one where verdict = 'send' or (${confirm} and verdict = 'twice')`;
    await tx`update delivery_replays set deliveries = ${taken.count} where replay_id = ${made.replay_id}`;
    await sendAgain(tx, made.replay_id, confirm);
    return { ...plan, ...made, deliveries: taken.count };
  });
  tools.wake([...new Set(allowed.map(({ destination_id: id }) => id))]);
  return { ...replay, replay_id: showReplayId(replay.replay_id), status: 'running' };
}

/** Whoever confirmed that it may be counted twice begins a new window; else the old one goes on. */
async function sendAgain(tx: Transaction, replayId: number, confirm: boolean): Promise<void> {
  await tx`
    update deliveries d set status = 'PENDING', lane = 1, replay_id = ${replayId}, retries = 0, reason = null,
      next_attempt_at = now(), settled_at = null, awaited_request = null, claim = null,
      first_sent_at = case when ${confirm} then null else d.first_sent_at end
    from replayed_deliveries r
    where r.replay_id = ${replayId} and d.delivery_id = r.delivery_id and d.status = r.status
      and d.settled_at is not distinct from r.settled_at`;
}

/** Takes back what was not sent yet. What is under way or settled stays. */
export async function cancelReplay(tools: DeliveryTools, id: string): Promise<Replay> {
  const number = await takeReplay(tools.sql, id);
  await tools.sql.begin(async (tx) => {
    await tx`update delivery_replays set status = 'cancelled', updated_at = now() where replay_id = ${number}`;
    await tx`
      update deliveries d set status = r.status, reason = r.reason, settled_at = r.settled_at, lane = 0,
        next_attempt_at = null
      from replayed_deliveries r
      where r.replay_id = ${number} and d.delivery_id = r.delivery_id and d.replay_id = ${number}
        and d.status in ('PENDING', 'RETRYING')`;
  });
  return readReplay(tools, id);
}

/** Goes on with what a cancellation took back and nobody has touched since. */
export async function resumeReplay(tools: DeliveryTools, id: string): Promise<Replay> {
  const number = await takeReplay(tools.sql, id);
  await tools.sql.begin(async (tx) => {
    await tx`update delivery_replays set status = 'running', updated_at = now() where replay_id = ${number}`;
    await sendAgain(tx, number, false);
  });
  tools.wake((await limits(tools)).map(({ destination_id }) => destination_id));
  return readReplay(tools, id);
}

/** A replay with how far it is: `would_send` still waits. */
export async function readReplay({ sql }: DeliveryTools, id: string): Promise<Replay> {
  const number = await takeReplay(sql, id);
  const [row] = await sql<{ status: Replay['status']; deliveries: number; waiting: number }[]>`
    select status, deliveries, (
      select count(*) from deliveries d where d.replay_id = p.replay_id and d.settled_at is null
    ) as waiting
    from delivery_replays p where replay_id = ${number}`;
  if (row === undefined) throw noReplay();
  const { status, deliveries, waiting } = row;
  return { replay_id: id, status, deliveries, would_send: waiting, too_old: 0, would_count_twice: 0 };
}

/** Sends one delivery again. Throws TidelineError 404, or 409 where it may not be sent or asks for `confirm`. */
export async function replayDelivery(tools: DeliveryTools, id: string, confirm: boolean): Promise<void> {
  const number = deliveryNumber(id);
  const [known] = await tools.sql<
    { status: DeliveryStatus; destination_id: string; reason: string | null }[]
  >`
    select status, destination_id, reason from deliveries where delivery_id = ${number}`;
  if (known === undefined) throw noDelivery();
  const allowed = await limits(tools);
  const [one] = await tools.sql<{ verdict: string }[]>`
    select verdict from (${judged(tools.sql, allowed, {}, number)}) judged`;
  if (one === undefined)
    throw conflict('delivery-not-settled', 'It is on its way, or its destination is gone.');
  if (one.verdict === 'too_old') {
    throw conflict('event-too-old', 'The platform would no longer count it.');
  }
  if (one.verdict === 'twice' && !confirm) {
    throw conflict(
      'confirm-needed',
      'It may have been counted, and the platform no longer tells doubles apart.',
      'Look into the platform whether it was counted; send "confirm": true to send it all the same.',
    );
  }
  await tools.sql`
    update deliveries set status = 'PENDING', lane = 1, retries = 0, reason = null, next_attempt_at = now(),
      settled_at = null, awaited_request = null, claim = null,
      first_sent_at = case when ${confirm} then null else first_sent_at end
    where delivery_id = ${number} and status = ${known.status} and settled_at is not null`;
  tools.wake([known.destination_id]);
}

function conflict(code: string, message: string, action?: string): TidelineError {
  return new TidelineError({ code, message, actor: 'user', status: 409, ...(action ? { action } : {}) });
}

function showReplayId(replayId: number): string {
  return `rpl_${replayId}`;
}

async function takeReplay(sql: Sql, id: string): Promise<number> {
  const digits = /^rpl_(\d{1,15})$/.exec(id)?.[1];
  if (digits === undefined) throw noReplay();
  const [row] = await sql`select 1 from delivery_replays where replay_id = ${digits}`;
  if (row === undefined) throw noReplay();
  return Number(digits);
}

function noReplay(): TidelineError {
  const message = 'There is no such replay.';
  return new TidelineError({ code: 'replay-not-found', message, actor: 'user', status: 404 });
}
