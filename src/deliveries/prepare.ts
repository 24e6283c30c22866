import { setImmediate as nextTurn } from 'node:timers/promises';
import { showDeliveryId } from '../conversions/delivery-id.ts';
import type { Destination } from '../conversions/destinations.ts';
import { openEvent } from '../conversions/seal.ts';
import type { ConversionEvent } from '../conversions/types.ts';
import type { DataKey } from '../shops/data-keys.ts';
import type { ClaimedDelivery } from './claims.ts';
import type { Settlement } from './settlements.ts';

/** An event ready to be put into a request. */
export interface PreparedDelivery {
  delivery: ClaimedDelivery;
  event: ConversionEvent;
  platformEvent: string;
  entry: unknown;
}

/** Somebody else with the same id at the same destination, and whether it stands in the way. */
export interface Rival {
  delivery_id: number;
  event_name: string;
  platform_event: string | null;
  /** Whether it may have been counted inside the platform's window, or is on its way there. */
  sent: boolean;
  /** Whether it is still to be sent. */
  open: boolean;
}

export const outcomeUnknown = 'OUTCOME_UNKNOWN';
/** Clocks differ, and a request takes its time: nothing is sent again in the last minutes of the window. */
const windowMarginMs = 5 * 60_000;
const dayMs = 86_400_000;
/** Events between two looks at what else this process has to do. */
const eventsAtOnce = 100;

export type MockMode = 'live' | 'mock';

/** Why nothing at all may be sent, in the order in which they are looked for; null when something may. */
export function wholeSkipReason(destination: Destination, outboundMode: MockMode): string | null {
  const { kind, settings, secrets, status } = destination;
  if (outboundMode === 'mock' || status === 'mock') return `${kind.label} mock mode`;
  return kind.missing(settings, secrets);
}

export interface EventTimes {
  now: number;
  /** When the engine took it in: what was too old by then is skipped, what became so later has expired. */
  acceptedAt: number;
}

/** Whether the platform no longer counts an event; null while it does. */
export function tooOld(
  destination: Destination,
  event: ConversionEvent,
  { now, acceptedAt }: EventTimes,
): { status: 'SKIPPED' | 'EXPIRED'; reason: string } | null {
  const largest = destination.kind.largestAgeMs(event, destination.settings);
  const age = now - event.event_time * 1_000;
  if (age <= largest) return null;
  const reason = `Too old: ${(age / dayMs).toFixed(1)} days, the platform counts ${Number((largest / dayMs).toFixed(2))}`;
  return { status: acceptedAt - event.event_time * 1_000 > largest ? 'SKIPPED' : 'EXPIRED', reason };
}

/** Whether sending it again could count it twice. */
export function isOutsideWindow(destination: Destination, firstSentAt: Date | null, now: number): boolean {
  if (firstSentAt === null) return false;
  return now > firstSentAt.getTime() + destination.kind.dedupWindowMs - windowMarginMs;
}

/** A settlement without a request. */
export function settled(
  delivery: Pick<ClaimedDelivery, 'delivery_id'>,
  status: Settlement['status'],
  reason: string,
  platformEvent: string | null = null,
): Settlement {
  return {
    deliveryId: delivery.delivery_id,
    platformEvent,
    status,
    reason,
    dueInMs: null,
    countsAsRetry: false,
    maybeCounted: false,
    awaitedRequest: null,
  };
}

/** Sorts what was claimed into what is sent and what is settled without it, and says why. */
export async function prepare(
  destination: Destination,
  key: DataKey,
  claimed: readonly ClaimedDelivery[],
  options: { outboundMode: MockMode; rivals: ReadonlyMap<string, readonly Rival[]>; now: number },
): Promise<{ ready: PreparedDelivery[]; settlements: Settlement[] }> {
  const ready: PreparedDelivery[] = [];
  const settlements: Settlement[] = [];
  const skipAll = wholeSkipReason(destination, options.outboundMode);
  const notSent = new Set<number>();
  for (const [index, delivery] of claimed.entries()) {
    if (index % eventsAtOnce === eventsAtOnce - 1) await nextTurn();
    const result =
      skipAll === null
        ? prepareOne(destination, key, delivery, { ...options, notSent })
        : settled(delivery, 'SKIPPED', skipAll);
    if ('entry' in result) ready.push(result);
    else {
      settlements.push(result);
      notSent.add(delivery.delivery_id);
    }
  }
  return { ready, settlements };
}

function prepareOne(
  destination: Destination,
  key: DataKey,
  delivery: ClaimedDelivery,
  options: { rivals: ReadonlyMap<string, readonly Rival[]>; notSent: ReadonlySet<number>; now: number },
): PreparedDelivery | Settlement {
  const { rivals, notSent, now } = options;
  const { kind, settings } = destination;
  if (isOutsideWindow(destination, delivery.first_sent_at, now)) {
    return settled(delivery, 'FAILED', outcomeUnknown);
  }
  const event = openEvent(key, delivery);
  const mapping = kind.map(event, settings);
  if ('skip' in mapping) return settled(delivery, 'SKIPPED', mapping.skip);
  const platformEvent = kind.platformEvent(event.event_name, settings) ?? event.event_name;
  const others = (rivals.get(delivery.event_id) ?? []).filter((one) => !notSent.has(one.delivery_id));
  const first = duplicateOf(destination, delivery, platformEvent, others);
  if (first !== null) {
    return settled(delivery, 'SKIPPED', `Duplicate of ${showDeliveryId(first)}`, platformEvent);
  }
  const old = tooOld(destination, event, { now, acceptedAt: delivery.created_at.getTime() });
  if (old !== null) return settled(delivery, old.status, old.reason, platformEvent);
  return { delivery, event, platformEvent, entry: mapping.entry };
}

/** Whoever was sent first counts; of several that wait, the one that was accepted first is sent. */
function duplicateOf(
  { kind, settings }: Destination,
  delivery: ClaimedDelivery,
  platformEvent: string,
  rivals: readonly Rival[],
): number | null {
  if (delivery.first_sent_at !== null) return null;
  const stands = rivals.find(
    (rival) =>
      rival.delivery_id !== delivery.delivery_id &&
      (rival.platform_event ?? kind.platformEvent(rival.event_name, settings)) === platformEvent &&
      (rival.sent || (rival.open && rival.delivery_id < delivery.delivery_id)),
  );
  return stands?.delivery_id ?? null;
}
