import type { SimulatorClock } from '../clock.ts';
import { type Catalogue, joinCatalogues } from './catalogue.ts';
import { GrowingUint32 } from './growing-columns.ts';
import type {
  OrderChanges,
  OrderFacts,
  OrderSale,
  OrderSource,
  OrderState,
  OrderTraits,
} from './order-source.ts';
import { poisonText } from './poison.ts';
import { SortedIndex } from './sorted-index.ts';

export type TimeAxis = 'create_time' | 'update_time';

/** A change of an order: what is left out stays as it is. */
export interface OrderUpdate {
  status?: number;
  updateTime?: number;
  changes?: Partial<Omit<OrderChanges, 'version'>>;
}

/**
 * The orders of one shop as they stand at this moment: states in columns of numbers, both time orders kept sorted,
 * and a queue of what has happened but cannot be seen yet (upstream commits late).
 */
export class OrderStore {
  /** Grows with every visible change; whoever caches a result compares it. */
  version = 0;
  readonly #base: OrderSource;
  readonly #added: OrderSource;
  readonly #clock: SimulatorClock;
  readonly #created: GrowingUint32;
  readonly #updated: GrowingUint32;
  readonly #status: GrowingUint32;
  readonly #changes = new Map<number, OrderChanges>();
  readonly #byTime: Record<TimeAxis, SortedIndex>;
  #catalogue: Catalogue | null = null;
  readonly #watchers = new Set<(order: number) => void>();
  #pending: { visibleAt: number; apply: () => void }[] = [];

  /** @param added renders the orders that come in later: everything from number `base.count` on. */
  constructor(base: OrderSource, added: OrderSource, clock: SimulatorClock) {
    this.#base = base;
    this.#added = added;
    this.#clock = clock;
    this.#created = new GrowingUint32(base.count + 1024);
    this.#updated = new GrowingUint32(base.count + 1024);
    this.#status = new GrowingUint32(base.count + 1024);
    for (let index = 0; index < base.count; index += 1) {
      const state = base.initial(index);
      this.#created.push(state.createTime);
      this.#updated.push(state.updateTime);
      this.#status.push(state.status);
    }
    this.#byTime = {
      create_time: new SortedIndex(this.#created.toArray()),
      update_time: new SortedIndex(this.#updated.toArray()),
    };
  }

  /** Visible orders. */
  get count(): number {
    return this.#created.length;
  }

  index(axis: TimeAxis): SortedIndex {
    return this.#byTime[axis];
  }

  time(axis: TimeAxis, order: number): number {
    return (axis === 'create_time' ? this.#created : this.#updated).at(order);
  }

  status(order: number): number {
    return this.#status.at(order);
  }

  state(order: number): OrderState {
    return {
      status: this.#status.at(order),
      createTime: this.#created.at(order),
      updateTime: this.#updated.at(order),
      changes: this.#changes.get(order),
    };
  }

  id(order: number): string {
    return this.#source(order).id(order);
  }

  /** The order's number, or -1 for an id that is not (or not yet) there. */
  indexOf(id: string): number {
    const base = this.#base.indexOf(id);
    if (base >= 0 && base < this.#base.count) return base;
    const added = this.#added.indexOf(id);
    return added >= this.#base.count && added < this.count ? added : -1;
  }

  traits(order: number): OrderTraits {
    return this.#source(order).traits(order, this.state(order));
  }

  facts(order: number): OrderFacts {
    return this.#source(order).facts(order, this.state(order));
  }

  /** What the shop sells: what a file of orders holds, followed by what orders that come in later are made of. */
  get catalogue(): Catalogue {
    this.#catalogue ??=
      this.#base === this.#added
        ? this.#base.catalogue
        : joinCatalogues(this.#base.catalogue, this.#added.catalogue);
    return this.#catalogue;
  }

  sale(order: number): OrderSale {
    const sale = this.#source(order).sale(order, this.state(order));
    if (this.#base === this.#added || order < this.#base.count) return sale;
    const before = this.catalogue.skus.length - this.#added.catalogue.skus.length;
    return { ...sale, lines: sale.lines.map((line) => ({ ...line, sku: line.sku + before })) };
  }

  /**
   * @param onChange is called with the number of each order that comes in or changes from now on
   * @returns ends that
   */
  watch(onChange: (order: number) => void): () => void {
    this.#watchers.add(onChange);
    return () => void this.#watchers.delete(onChange);
  }

  changesOf(order: number): OrderChanges | undefined {
    return this.#changes.get(order);
  }

  /** The order's JSON as it is served now, in pieces. */
  render(order: number): string[] {
    const pieces = this.#source(order).render(order, this.state(order));
    const poison = this.#changes.get(order)?.poison;
    return poison === undefined ? pieces : [poisonText(pieces.join(''), poison)];
  }

  /** Puts in a new order and returns its number. */
  add(createTime: number, status: number): number {
    const order = this.count;
    this.#created.push(createTime);
    this.#updated.push(createTime);
    this.#status.push(status);
    this.#byTime.create_time.insert(order, createTime);
    this.#byTime.update_time.insert(order, createTime);
    this.#changed(order);
    return order;
  }

  /** Changes an order now. */
  update(order: number, update: OrderUpdate): void {
    const before = this.#changes.get(order);
    this.#changes.set(order, {
      ...before,
      ...update.changes,
      version: (before?.version ?? 0) + 1,
      times: { ...before?.times, ...update.changes?.times },
    });
    if (update.status !== undefined) this.#status.set(order, update.status);
    const old = this.#updated.at(order);
    if (update.updateTime !== undefined && update.updateTime !== old) {
      this.#byTime.update_time.remove(order, old);
      this.#byTime.update_time.insert(order, update.updateTime);
      this.#updated.set(order, update.updateTime);
    }
    this.#changed(order);
  }

  /** Takes the poison out of an order. */
  heal(order: number, updateTime: number): void {
    const changes = this.#changes.get(order);
    if (changes === undefined) return;
    delete changes.poison;
    this.update(order, { updateTime });
  }

  /** Lets something become visible only at `visibleAt` (Unix seconds), as upstream does when it commits late. */
  later(visibleAt: number, apply: () => void): void {
    this.#pending.push({ visibleAt, apply });
  }

  /** Makes visible what is due; called before every read. Returns how much is still hidden. */
  settle(): number {
    if (this.#pending.length === 0) return 0;
    const now = this.#clock.now();
    const due = this.#pending.filter((entry) => entry.visibleAt <= now);
    if (due.length > 0) {
      this.#pending = this.#pending.filter((entry) => entry.visibleAt > now);
      for (const entry of due) entry.apply();
    }
    return this.#pending.length;
  }

  #changed(order: number): void {
    this.version += 1;
    for (const watcher of this.#watchers) watcher(order);
  }

  #source(order: number): OrderSource {
    return order < this.#base.count ? this.#base : this.#added;
  }
}
