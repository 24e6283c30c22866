import type { Sql } from '../../db/pool.ts';
import { type ConversionSource, loadConversionSource } from '../../db/queries/conversion-sources.ts';
import {
  type DecidedOrder,
  type MarkedOrder,
  markedOrders,
  postponeMarks,
  removeIdleMarks,
  removeMarks,
  writeDecisions,
} from '../../db/queries/order-conversions.ts';
import type { PersonalStore } from '../../db/queries/order-personal.ts';
import { forgetErasedOrders } from '../../privacy/forget-conversions.ts';
import type { EventIntake } from '../accept-events.ts';
import type { ParsedEvent } from '../parse-event.ts';
import { parseSourceEvent } from '../parse-source-event.ts';
import { decideOrder, orderEventId } from './decide-order.ts';
import { type FollowUp, recordFollowUps } from './follow-up.ts';

export interface OrderProcessing {
  sql: Sql;
  intake: EventIntake;
  personal: Pick<PersonalStore, 'readMany'>;
}

/** Orders of one pass: they become one batch of events. */
const batch = 500;
/** How soon an order is looked at again whose purchase was being sent just then. */
const waitForSendingMs = 30_000;

/** Who tells of the orders of a shop. */
export function orderOrigin(shopId: string): string {
  return `tiktok_shop/${shopId}`;
}

/**
 * Decides about the orders of a shop that were paid or changed since they were last looked at: those that are paid
 * become purchases, those that were cancelled or became less get a follow-up. Whatever dies on the way is repeated:
 * the events' ids come from the orders, so that none is made twice.
 */
export async function processOrders(
  processing: OrderProcessing,
  shopId: string,
  signal: AbortSignal,
): Promise<void> {
  const { sql } = processing;
  await removeIdleMarks(sql, shopId);
  while (!signal.aborted) {
    const source = await loadConversionSource(sql, shopId);
    const orders = source.enabled ? await markedOrders(sql, shopId, batch) : [];
    if (orders.length === 0) return;
    const fresh = orders.filter(({ toldAmount }) => toldAmount === null);
    const decided = await tell(processing, shopId, source, fresh);
    const followUps = orders.flatMap((order) => followUpOf(order) ?? []);
    await sql.begin(async (tx) => {
      await writeDecisions(tx, shopId, decided);
      const left = await recordFollowUps(tx, shopId, followUps);
      const marksOf = (isLeft: boolean): number[] =>
        orders.filter(({ orderId }) => left.has(orderId) === isLeft).flatMap(({ marks }) => marks);
      await removeMarks(tx, marksOf(false));
      await postponeMarks(tx, marksOf(true), waitForSendingMs);
    });
  }
}

/** Hands what is to be told to the intake, and says what was decided about each order. */
async function tell(
  { sql, intake, personal }: OrderProcessing,
  shopId: string,
  source: ConversionSource,
  orders: readonly MarkedOrder[],
): Promise<DecidedOrder[]> {
  if (orders.length === 0) return [];
  const ids = orders.map(({ orderId }) => orderId);
  const known = await personal.readMany(sql, shopId, ids);
  const now = Date.now() / 1_000;
  const parsed: ParsedEvent[] = [];
  const decided = orders.map((order): DecidedOrder => {
    const { orderId, totalAmount: amount, currency } = order;
    const leaveOut = (reason: string): DecidedOrder => ({ orderId, eventId: null, reason, amount, currency });
    const decision = decideOrder(order, known.get(orderId) ?? null, source.destinations);
    if ('leftOut' in decision) return leaveOut(decision.leftOut);
    const event = parseSourceEvent(decision.given, now);
    if ('faults' in event) {
      const faults = event.faults.map(({ path, message }) => `${path} ${message}`).join(' ');
      return leaveOut(faults.slice(0, 500));
    }
    parsed.push(event.parsed);
    return { orderId, eventId: orderEventId(orderId), reason: null, amount, currency };
  });
  if (parsed.length > 0) await intake.accept(parsed, orderOrigin(shopId));
  // A buyer may have been erased since their fields were read.
  await forgetErasedOrders(sql, shopId, ids);
  return decided;
}

/** Null where the order is what was told of it, or what is less was followed up already. */
function followUpOf({ orderId, status, toldAmount, takenBack, followUps }: MarkedOrder): FollowUp | null {
  if (toldAmount === null) return null;
  if (status === 'CANCELLED') {
    return followUps.cancelled === undefined ? { orderId, kind: 'cancelled', amount: toldAmount } : null;
  }
  if (Number(takenBack) === 0 || takenBack === followUps.reduced) return null;
  return { orderId, kind: 'reduced', amount: takenBack };
}
