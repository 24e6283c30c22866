import type { Transaction } from '../../db/pool.ts';
import { showDeliveryId } from '../delivery-id.ts';
import { orderEventId, orderEventName } from './decide-order.ts';

export type FollowUpKind = 'cancelled' | 'reduced';

/**
 * What a follow-up means for one delivery of the purchase: `withheld`, it had not been sent and is not any more;
 * `stands`, the platform has counted it or may have, and none of them takes a purchase back by the interfaces that we
 * send to; `not_counted`, it never was.
 */
export type FollowUpOutcome = 'withheld' | 'stands' | 'not_counted';

/** An order that was told as a purchase and is less than that now. */
export interface FollowUp {
  orderId: string;
  kind: FollowUpKind;
  /** What of the purchase was taken back, as a decimal. */
  amount: string;
}

export const withheldReason = 'The order was cancelled before it was sent';

interface DeliveryState {
  delivery_id: number;
  event_id: string;
  destination_id: string;
  status: string;
  was_sent: boolean;
  is_awaited: boolean;
}

/**
 * Decides for each delivery of the purchases what becomes of it, withholds those that have not been sent, and records
 * all of it. An order with a delivery that is being sent at this moment is left for later.
 *
 * @returns ids of the orders that are left
 */
export async function recordFollowUps(
  tx: Transaction,
  shopId: string,
  followUps: readonly FollowUp[],
): Promise<Set<string>> {
  if (followUps.length === 0) return new Set();
  const eventIds = followUps.map(({ orderId }) => orderEventId(orderId));
  const deliveries = await tx<DeliveryState[]>`
    select delivery_id, event_id, destination_id, status, first_sent_at is not null as was_sent,
      awaited_request is not null as is_awaited
    from deliveries where event_name = ${orderEventName} and event_id = any(${eventIds})
    order by delivery_id for update`;
  const left = new Set<string>();
  const withheld: number[] = [];
  for (const followUp of followUps) {
    const own = deliveries.filter(({ event_id }) => event_id === orderEventId(followUp.orderId));
    if (own.some(isBeingSent)) {
      left.add(followUp.orderId);
      continue;
    }
    const outcomes = own.map((delivery) => ({
      destination: delivery.destination_id,
      delivery_id: showDeliveryId(delivery.delivery_id),
      outcome: outcomeOf(followUp.kind, delivery),
    }));
    withheld.push(
      ...own.filter((one) => outcomeOf(followUp.kind, one) === 'withheld').map((one) => one.delivery_id),
    );
    await tx`
      insert into order_follow_ups (shop_id, order_id, kind, amount, outcomes)
      values (${shopId}, ${followUp.orderId}, ${followUp.kind}, ${followUp.amount}, ${tx.json(outcomes)})
      on conflict (shop_id, order_id, kind) do update set amount = excluded.amount, outcomes = excluded.outcomes,
        decided_at = excluded.decided_at`;
  }
  if (withheld.length > 0) {
    await tx`
      update deliveries set status = 'SKIPPED', reason = ${withheldReason}, next_attempt_at = null, settled_at = now()
      where delivery_id = any(${withheld})`;
  }
  return left;
}

function isBeingSent({ status, is_awaited: isAwaited }: DeliveryState): boolean {
  return status === 'SENDING' && !isAwaited;
}

function outcomeOf(kind: FollowUpKind, { status, was_sent: wasSent }: DeliveryState): FollowUpOutcome {
  if (status === 'DELIVERED' || status === 'SENDING' || wasSent) return 'stands';
  if (status !== 'PENDING' && status !== 'RETRYING') return 'not_counted';
  // A purchase that was smaller in the end is one all the same, and what was told of it is told once.
  return kind === 'cancelled' ? 'withheld' : 'stands';
}
