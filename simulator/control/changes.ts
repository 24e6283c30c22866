import {
  AWAITING_SHIPMENT,
  CANCELLED,
  COMPLETED,
  DELIVERED,
  IN_TRANSIT,
  type Milestone,
  ON_HOLD,
  PARTIALLY_SHIPPING,
  type PoisonKind,
  UNPAID,
} from '../orders/order-source.ts';
import type { RandomSequence } from '../random.ts';
import type { SimulatedShop } from '../shops.ts';

export const changeKinds = [
  /** The next status of open orders, with a new update_time. */
  'advance',
  /** Open orders are cancelled by buyer, seller or system. */
  'cancel',
  /** New update_time and note; works on closed orders too. */
  'touch',
  /** New orders, created now. */
  'new',
  /** Another tracking number, the same update_time. */
  'tracking',
  /** Another note, the same update_time. */
  'note',
  /** Two changes within one second. */
  'twice',
  /** As touch, but to be seen only `delay_s` later, under the update_time of now. */
  'late',
  /** New orders to be seen only `delay_s` later, under the create_time of now. */
  'late_new',
  /** Personal fields shown plain. */
  'unmask',
  /** Personal fields masked. */
  'mask',
  /** The order becomes hard to read, in the way of `poison`, with a new update_time. */
  'poison',
  /** A poisoned order becomes well again, with a new update_time. */
  'heal',
  /** Some of all: advance, touch, new, cancel, tracking. */
  'mixed',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface ChangeRequest {
  count: number;
  kind: ChangeKind;
  /** Orders to change; otherwise they are chosen, open and recent ones first where the kind needs open ones. */
  ids: string[] | null;
  delaySeconds: number;
  poison: PoisonKind;
}

const stageOf: Partial<Record<number, Milestone>> = {
  1: 'paid',
  2: 'release',
  3: 'partial',
  4: 'rts',
  5: 'collection',
  6: 'delivery',
  7: 'completed',
};
const initiators = ['BUYER', 'SELLER', 'SYSTEM'] as const;

/** Lets things happen to orders of a shop; nothing is ever deleted, as at the platform. Returns the ids concerned. */
export function changeOrders(
  shop: SimulatedShop,
  request: ChangeRequest,
  now: number,
  random: RandomSequence,
): string[] {
  const store = shop.orders;
  store.settle();
  const { kind } = request;
  if (kind === 'new' || kind === 'late_new') {
    if (kind === 'new')
      return Array.from({ length: request.count }, () =>
        store.id(store.add(now, random.next() < 0.8 ? ON_HOLD : UNPAID)),
      );
    for (let nth = 0; nth < request.count; nth += 1)
      store.later(now + request.delaySeconds, () => void store.add(now, ON_HOLD));
    return [];
  }
  const chosen =
    request.ids === null
      ? choose(shop, request, random)
      : request.ids.map((id) => store.indexOf(id)).filter((order) => order >= 0);
  const ids: string[] = [];
  for (const order of chosen) {
    if (kind === 'mixed' && random.next() < 0.2) ids.push(store.id(store.add(now, ON_HOLD)));
    else {
      changeOne(shop, order, kind === 'mixed' ? mixedKind(random) : kind, request, now, random);
      ids.push(store.id(order));
    }
  }
  return ids;
}

function mixedKind(random: RandomSequence): ChangeKind {
  const roll = random.next();
  return roll < 0.5 ? 'advance' : roll < 0.75 ? 'touch' : roll < 0.85 ? 'cancel' : 'tracking';
}

function changeOne(
  shop: SimulatedShop,
  order: number,
  kind: ChangeKind,
  request: ChangeRequest,
  now: number,
  random: RandomSequence,
): void {
  const store = shop.orders;
  const status = store.status(order);
  const open = status < COMPLETED;
  const updateTime = Math.max(now, store.time('update_time', order));
  const version = (store.changesOf(order)?.version ?? 0) + 1;
  const touch = (): void =>
    store.update(order, { updateTime, changes: { sellerNote: `Simulated change ${version}` } });
  switch (kind) {
    case 'advance':
      if (open) advance(shop, order, updateTime);
      else touch();
      break;
    case 'twice':
      touch();
      if (open) advance(shop, order, updateTime);
      else store.update(order, { updateTime, changes: { trackingNumber: `SIMTWICE${order}V${version}` } });
      break;
    case 'cancel':
      if (status >= DELIVERED) touch();
      else {
        const cancelInitiator = initiators[random.below(3)] ?? 'BUYER';
        store.update(order, {
          status: CANCELLED,
          updateTime,
          changes: { reached: status, cancelInitiator, times: { cancel: updateTime } },
        });
      }
      break;
    case 'tracking':
      store.update(order, { changes: { trackingNumber: `SIMTRACK${order}V${version}` } });
      break;
    case 'note':
      store.update(order, { changes: { sellerNote: `Silent note ${version}` } });
      break;
    case 'late':
      store.later(now + request.delaySeconds, () => {
        const at = Math.max(updateTime, store.time('update_time', order));
        store.update(order, { updateTime: at, changes: { sellerNote: 'Committed late' } });
      });
      break;
    case 'mask':
    case 'unmask':
      store.update(order, { updateTime, changes: { masked: kind === 'mask' } });
      break;
    case 'poison':
      store.update(order, { updateTime, changes: { poison: request.poison } });
      break;
    case 'heal':
      store.heal(order, updateTime);
      break;
    default:
      touch();
  }
}

/** One step on in the order's life; splitting into several parcels is left out, as most orders do. */
function advance(shop: SimulatedShop, order: number, updateTime: number): void {
  const status = shop.orders.status(order);
  const next = status === AWAITING_SHIPMENT ? PARTIALLY_SHIPPING + 1 : status + 1;
  const milestone = stageOf[next];
  const times = milestone === undefined ? {} : { [milestone]: updateTime };
  shop.orders.update(order, { status: next, updateTime, changes: { times } });
}

function choose(shop: SimulatedShop, request: ChangeRequest, random: RandomSequence): number[] {
  const store = shop.orders;
  const needsOpen = ['advance', 'cancel', 'mixed'].includes(request.kind);
  const needsShipped = request.kind === 'tracking';
  const healing = request.kind === 'heal';
  const fits = (order: number): boolean => {
    const status = store.status(order);
    if (healing) return store.changesOf(order)?.poison !== undefined;
    if (needsOpen) return status < (request.kind === 'cancel' ? DELIVERED : COMPLETED);
    return needsShipped ? status > PARTIALLY_SHIPPING && status <= IN_TRANSIT : true;
  };
  const fitting: number[] = [];
  for (let order = 0; order < store.count; order += 1) if (fits(order)) fitting.push(order);
  // A shop without enough open orders (an old file has none) changes closed ones instead.
  if (fitting.length < request.count && !healing) {
    const taken = new Set(fitting);
    for (let order = store.count - 1; order >= 0 && fitting.length < request.count; order -= 1)
      if (!taken.has(order)) fitting.push(order);
  }
  const count = Math.min(request.count, fitting.length);
  for (let at = 0; at < count; at += 1) {
    const other = at + random.below(fitting.length - at);
    const [left, right] = [fitting[at] ?? 0, fitting[other] ?? 0];
    fitting[at] = right;
    fitting[other] = left;
  }
  return fitting.slice(0, count);
}
