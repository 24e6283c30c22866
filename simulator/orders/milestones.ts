import { fraction } from '../random.ts';
import {
  AWAITING_COLLECTION,
  AWAITING_SHIPMENT,
  CANCELLED,
  COMPLETED,
  DELIVERED,
  IN_TRANSIT,
  type Milestone,
  ON_HOLD,
  type OrderState,
  PARTIALLY_SHIPPING,
  UNPAID,
} from './order-source.ts';

const hour = 3600;
const day = 86_400;

/** When an order reaches each stage of its life, in Unix seconds; `cancel` and `partial` are 0 where it never does. */
export type LifePlan = Record<Milestone, number>;

/** The life of a generated order: most run through in one to three weeks, one in sixteen is cancelled. */
export function planLife(seed: number, index: number, createTime: number): LifePlan {
  const roll = fraction(seed, index, 1);
  const slow = fraction(seed, index, 2);
  const paid = createTime + 20 + Math.floor(fraction(seed, index, 3) * 400);
  const release = paid + hour;
  const rts = release + Math.floor((4 + slow * 36) * hour);
  const partial = roll > 0.985 ? release + Math.floor((rts - release) / 2) : 0;
  const collection = rts + Math.floor((2 + fraction(seed, index, 4) * 18) * hour);
  const delivery = collection + Math.floor((1 + fraction(seed, index, 5) * 5) * day);
  const completed = delivery + 7 * day;
  const neverPaid = roll < 0.02;
  if (neverPaid) {
    const cancel = createTime + 2 * day;
    const never = Number.MAX_SAFE_INTEGER;
    return {
      paid: never,
      release: never,
      partial: 0,
      rts: never,
      collection: never,
      delivery: never,
      completed: never,
      cancel,
    };
  }
  const cancel = roll < 0.0625 ? paid + 600 + Math.floor(fraction(seed, index, 6) * 30 * hour) : 0;
  return {
    paid,
    release,
    partial,
    rts,
    collection,
    delivery,
    completed,
    cancel: cancel > 0 && cancel < delivery ? cancel : 0,
  };
}

/** The status that the plan has reached at `now`, and since when. */
export function stageAt(plan: LifePlan, createTime: number, now: number): { status: number; since: number } {
  if (plan.cancel > 0 && plan.cancel <= now) return { status: CANCELLED, since: plan.cancel };
  return stageWithoutCancel(plan, createTime, now);
}

/** The stage an order had before it was cancelled at `now`. */
export function stageWithoutCancel(
  plan: LifePlan,
  createTime: number,
  now: number,
): { status: number; since: number } {
  if (plan.completed <= now) return { status: COMPLETED, since: plan.completed };
  if (plan.delivery <= now) return { status: DELIVERED, since: plan.delivery };
  if (plan.collection <= now) return { status: IN_TRANSIT, since: plan.collection };
  if (plan.rts <= now) return { status: AWAITING_COLLECTION, since: plan.rts };
  if (plan.partial > 0 && plan.partial <= now) return { status: PARTIALLY_SHIPPING, since: plan.partial };
  if (plan.release <= now) return { status: AWAITING_SHIPMENT, since: plan.release };
  if (plan.paid <= now) return { status: ON_HOLD, since: plan.paid };
  return { status: UNPAID, since: createTime };
}

/** The times that an order in this state shows: 0 for a stage that it has not reached. */
export function shownTimes(plan: LifePlan, state: OrderState): LifePlan & { reached: number } {
  const changed = state.changes?.times;
  const cancel = state.status === CANCELLED ? (changed?.cancel ?? plan.cancel) : 0;
  const reached =
    state.status === CANCELLED
      ? (state.changes?.reached ?? stageWithoutCancel(plan, state.createTime, cancel).status)
      : Math.min(state.status, COMPLETED);
  const at = (milestone: Milestone, from: number): number =>
    reached >= from ? (changed?.[milestone] ?? Math.min(plan[milestone], state.updateTime)) : 0;
  return {
    paid: at('paid', ON_HOLD),
    release: at('release', AWAITING_SHIPMENT),
    partial: reached >= PARTIALLY_SHIPPING ? (changed?.partial ?? plan.partial) : 0,
    rts: at('rts', AWAITING_COLLECTION),
    collection: at('collection', IN_TRANSIT),
    delivery: at('delivery', DELIVERED),
    completed: at('completed', COMPLETED),
    cancel,
    reached,
  };
}
