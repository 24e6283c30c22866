/**
 * Orders sorted by one of their times, ties by order number. A big sorted base stays untouched while changes gather
 * in a small overlay; counts and positions are binary searches over both, so a shop of 370,000 orders answers
 * `total_count` and any page offset in microseconds while its orders move.
 */
const foldAt = 4096;

export class SortedIndex {
  #keys: Uint32Array;
  #orders: Uint32Array;
  /** Ascending positions in the base whose order has moved away. */
  #removed: number[] = [];
  #overlayKeys: number[] = [];
  #overlayOrders: number[] = [];

  /** Takes the time of each order by its number; the numbers are 0 to `keys.length - 1`. */
  constructor(keys: Uint32Array) {
    const packed = new Float64Array(keys.length);
    for (let index = 0; index < keys.length; index += 1) packed[index] = (keys[index] ?? 0) * 4194304 + index;
    packed.sort();
    this.#keys = new Uint32Array(keys.length);
    this.#orders = new Uint32Array(keys.length);
    for (let position = 0; position < packed.length; position += 1) {
      const value = packed[position] ?? 0;
      const key = Math.floor(value / 4194304);
      this.#keys[position] = key;
      this.#orders[position] = value - key * 4194304;
    }
  }

  get size(): number {
    return this.#keys.length - this.#removed.length + this.#overlayKeys.length;
  }

  insert(order: number, key: number): void {
    const at = lowerBound(this.#overlayKeys, this.#overlayOrders, key, order);
    this.#overlayKeys.splice(at, 0, key);
    this.#overlayOrders.splice(at, 0, order);
    if (this.#overlayKeys.length > foldAt) this.#fold();
  }

  /** Takes out an order; `key` is the time under which it was put in. */
  remove(order: number, key: number): void {
    const at = lowerBound(this.#overlayKeys, this.#overlayOrders, key, order);
    if (this.#overlayKeys[at] === key && this.#overlayOrders[at] === order) {
      this.#overlayKeys.splice(at, 1);
      this.#overlayOrders.splice(at, 1);
      return;
    }
    const position = lowerBound(this.#keys, this.#orders, key, order);
    this.#removed.splice(lowerBoundOf(this.#removed, position), 0, position);
    if (this.#removed.length > foldAt) this.#fold();
  }

  /** How many entries come before (key, order). */
  rank(key: number, order: number): number {
    return this.#liveBefore(key, order) + lowerBound(this.#overlayKeys, this.#overlayOrders, key, order);
  }

  /** The order numbers at the ranks [from, to), ascending. */
  slice(from: number, to: number): number[] {
    const end = Math.min(to, this.size);
    const result: number[] = [];
    if (from >= end) return result;
    let overlay = this.#overlayBelowRank(from);
    let skipped = countWhile(this.#removed, (position, nth) => position - nth <= from - overlay);
    let base = from - overlay + skipped;
    while (result.length < end - from) {
      while (this.#removed[skipped] === base) {
        skipped += 1;
        base += 1;
      }
      const baseKey = this.#keys[base];
      const overlayKey = this.#overlayKeys[overlay];
      const overlayOrder = this.#overlayOrders[overlay] ?? 0;
      const takeOverlay =
        overlayKey !== undefined &&
        (baseKey === undefined ||
          overlayKey < baseKey ||
          (overlayKey === baseKey && overlayOrder < (this.#orders[base] ?? 0)));
      if (takeOverlay) {
        result.push(overlayOrder);
        overlay += 1;
      } else {
        result.push(this.#orders[base] ?? 0);
        base += 1;
      }
    }
    return result;
  }

  #liveBefore(key: number, order: number): number {
    const position = lowerBound(this.#keys, this.#orders, key, order);
    return position - lowerBoundOf(this.#removed, position);
  }

  /** How many overlay entries have a rank below `rank` among all entries. */
  #overlayBelowRank(rank: number): number {
    return countWhile(
      this.#overlayKeys,
      (key, nth) => nth + this.#liveBefore(key, this.#overlayOrders[nth] ?? 0) < rank,
    );
  }

  #fold(): void {
    const orders = Uint32Array.from(this.slice(0, this.size));
    const keys = new Uint32Array(orders.length);
    let base = 0;
    let overlay = 0;
    let removed = 0;
    for (let at = 0; at < orders.length; at += 1) {
      while (this.#removed[removed] === base) {
        removed += 1;
        base += 1;
      }
      if (this.#overlayOrders[overlay] === orders[at]) {
        keys[at] = this.#overlayKeys[overlay] ?? 0;
        overlay += 1;
      } else {
        keys[at] = this.#keys[base] ?? 0;
        base += 1;
      }
    }
    this.#keys = keys;
    this.#orders = orders;
    this.#removed = [];
    this.#overlayKeys = [];
    this.#overlayOrders = [];
  }
}

function lowerBound(keys: ArrayLike<number>, orders: ArrayLike<number>, key: number, order: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle] ?? 0;
    if (found < key || (found === key && (orders[middle] ?? 0) < order)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lowerBoundOf(values: readonly number[], value: number): number {
  return countWhile(values, (found) => found < value);
}

/** Binary search: the length of the prefix for which `holds` is true. */
function countWhile(values: readonly number[], holds: (value: number, nth: number) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle] ?? 0, middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
