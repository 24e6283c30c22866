import type { OrderStore } from './order-store.ts';
import { decodePageToken, encodePageToken, type PagePosition, type PageTokenKind } from './page-token.ts';
import type { OrderQuery } from './search-request.ts';
import type { SortedIndex } from './sorted-index.ts';

export interface FoundPage {
  orders: number[];
  /** Empty at the end. */
  nextPageToken: string;
  total: number;
}

/** A sorted run of matching orders: either a stretch of a live index, or a list made for this query. */
interface Matches {
  size: number;
  /** How many of them come before (time, order). */
  rank(time: number, order: number): number;
  slice(from: number, to: number): number[];
}

const keptLists = 4;

/** Searches one shop's orders. Filters by the sorted time alone cost binary searches; others make a list, kept until a change. */
export class OrderSearch {
  readonly #store: OrderStore;
  readonly #lists = new Map<string, { version: number; matches: Matches }>();

  constructor(store: OrderStore) {
    this.#store = store;
  }

  /** One page, or `null` when the page token was not given out for this very query. */
  page(query: OrderQuery, kind: PageTokenKind): FoundPage | null {
    const matches = this.#matches(query);
    const total = matches.size;
    let done = 0;
    if (query.pageToken !== null) {
      const position = decodePageToken(query.pageToken, query.key);
      if (position === null) return null;
      done = servedBefore(position, matches, query.descending);
    }
    const end = Math.min(total, done + query.pageSize);
    const orders = query.descending
      ? matches.slice(total - end, total - Math.min(done, total)).reverse()
      : matches.slice(done, end);
    const last = orders.at(-1);
    const more = end < total && last !== undefined;
    return {
      orders,
      total,
      nextPageToken: more
        ? encodePageToken(
            { kind, time: this.#store.time(query.sortBy, last), order: last, offset: end },
            query.key,
          )
        : '',
    };
  }

  #matches(query: OrderQuery): Matches {
    const index = this.#store.index(query.sortBy);
    const range = query.sortBy === 'create_time' ? query.create : query.update;
    const from = range === null ? 0 : index.rank(range.from, 0);
    const to = range === null ? index.size : index.rank(range.to, 0);
    const other = query.sortBy === 'create_time' ? query.update : query.create;
    const plain =
      other === null &&
      query.status === null &&
      query.shippingType === null &&
      query.buyerUserId === null &&
      query.buyerRequestedCancel === null &&
      query.warehouseIds === null;
    return plain ? stretch(index, from, Math.max(from, to)) : this.#list(query, index, from, to);
  }

  #list(query: OrderQuery, index: SortedIndex, from: number, to: number): Matches {
    const store = this.#store;
    // The ends of open ranges move with the clock, so they are part of the name of a kept list.
    const name = `${query.key} ${query.create?.to ?? ''} ${query.update?.to ?? ''}`;
    const kept = this.#lists.get(name);
    if (kept !== undefined && kept.version === store.version) return kept.matches;
    const orders = index.slice(from, to).filter((order) => this.#fits(order, query));
    const times = orders.map((order) => store.time(query.sortBy, order));
    const matches: Matches = {
      size: orders.length,
      rank(time, order) {
        let low = 0;
        let high = orders.length;
        while (low < high) {
          const middle = (low + high) >>> 1;
          const found = times[middle] ?? 0;
          if (found < time || (found === time && (orders[middle] ?? 0) < order)) low = middle + 1;
          else high = middle;
        }
        return low;
      },
      slice: (start, end) => orders.slice(start, end),
    };
    this.#lists.delete(name);
    this.#lists.set(name, { version: store.version, matches });
    const oldest = this.#lists.keys().next().value;
    if (this.#lists.size > keptLists && oldest !== undefined) this.#lists.delete(oldest);
    return matches;
  }

  #fits(order: number, query: OrderQuery): boolean {
    const store = this.#store;
    if (query.status !== null && store.status(order) !== query.status) return false;
    const { create, update } = query;
    const created = store.time('create_time', order);
    if (create !== null && (created < create.from || created >= create.to)) return false;
    const updated = store.time('update_time', order);
    if (update !== null && (updated < update.from || updated >= update.to)) return false;
    const { shippingType, buyerUserId, buyerRequestedCancel, warehouseIds } = query;
    if (
      shippingType === null &&
      buyerUserId === null &&
      buyerRequestedCancel === null &&
      warehouseIds === null
    )
      return true;
    const traits = store.traits(order);
    return (
      (shippingType === null || traits.shippingType === shippingType) &&
      (buyerUserId === null || traits.buyerUserId === buyerUserId) &&
      (buyerRequestedCancel === null || traits.buyerRequestedCancel === buyerRequestedCancel) &&
      (warehouseIds === null || warehouseIds.has(traits.warehouseId))
    );
  }
}

function stretch(index: SortedIndex, from: number, to: number): Matches {
  return {
    size: to - from,
    rank: (time, order) => Math.min(to, Math.max(from, index.rank(time, order))) - from,
    slice: (start, end) => index.slice(from + start, from + end),
  };
}

/** How many rows of the walk lie behind the position. A shifting token only counts rows, whichever they are by now. */
function servedBefore(position: PagePosition, matches: Matches, descending: boolean): number {
  if (position.kind === 'shifting') return position.offset;
  if (descending) return matches.size - matches.rank(position.time, position.order);
  return matches.rank(position.time, position.order + 1);
}
