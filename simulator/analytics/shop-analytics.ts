import type { SimulatorClock } from '../clock.ts';
import type { Catalogue } from '../orders/catalogue.ts';
import type { OrderStore } from '../orders/order-store.ts';
import { regionOf } from '../regions.ts';
import { addViews, audienceOf, type ProductAudience } from './audience.ts';
import { ShopCalendar } from './calendar.ts';
import { Contents } from './contents.ts';
import { Figures, figuresBy, noFigures } from './figures.ts';
import { RecentResults } from './recent-results.ts';
import { type Sale, SalesLedger } from './sales-ledger.ts';

/** How a shop's analytics behave; the control API changes it. */
export interface AnalyticsSettings {
  timeZone: string;
  /** Days from the shop's today back to the latest available one. */
  latencyDays: number;
  /** `late`: some orders appear in the figures of their day only days later. */
  settling: 'late' | 'immediate';
  /** Scopes that this shop does not have whatever the grant says. */
  withheldScopes: string[];
  /** A longer range is refused. */
  widestRangeDays: number;
  /** Whether sums of the 202509 shop performance stand under `overall`, beside their breakdowns, or alone. */
  nesting: 'overall' | 'flat';
  /** Whether lists of products and SKUs hold the whole catalogue, or only what was sold in the range. */
  listing: 'catalogue' | 'sold';
}

/** Days asked for: the first one, and the one after the last. */
export interface DayRange {
  from: number;
  to: number;
}

/** What follows from the orders and the calendar. */
interface Parts {
  calendar: ShopCalendar;
  contents: Contents;
  ledger: SalesLedger;
  catalogue: Catalogue;
}

/**
 * The analytics of one shop: its orders' sales by calendar day, the contents that they came from, and what of it can be
 * seen today. Made when it is first asked for, since going through all orders takes its time.
 */
export class ShopAnalytics {
  readonly seed: number;
  readonly currency: string;
  readonly decimals: 0 | 2;
  settings: AnalyticsSettings;
  readonly #store: OrderStore;
  readonly #clock: SimulatorClock;
  readonly #digits: string;
  readonly #usCentsPerUnit: number;
  #made: Parts | null = null;
  /** Lists and sums of ranges, which may be long. */
  readonly #results = new RecentResults(128);
  /** Small things, one a day. */
  readonly #ofDays = new RecentResults(4_000);

  constructor(
    shopNumber: number,
    seed: number,
    offsetHours: number,
    store: OrderStore,
    clock: SimulatorClock,
  ) {
    const region = regionOf(shopNumber);
    this.seed = seed;
    this.currency = region.currency;
    this.decimals = region.decimals;
    this.#usCentsPerUnit = 1 / region.priceScale;
    this.#digits = String(shopNumber % 100).padStart(2, '0');
    this.#store = store;
    this.#clock = clock;
    const hours = String(Math.abs(offsetHours)).padStart(2, '0');
    this.settings = {
      timeZone: `${offsetHours < 0 ? '-' : '+'}${hours}:00`,
      latencyDays: 1,
      settling: 'late',
      withheldScopes: [],
      widestRangeDays: 366,
      nesting: 'overall',
      listing: 'catalogue',
    };
  }

  get calendar(): ShopCalendar {
    return this.#parts.calendar;
  }

  get contents(): Contents {
    return this.#parts.contents;
  }

  get ledger(): SalesLedger {
    return this.#parts.ledger;
  }

  get catalogue(): Catalogue {
    return this.#parts.catalogue;
  }

  /** The shop's today, as a day's number. */
  get today(): number {
    return this.calendar.dayOf(this.#clock.now());
  }

  get now(): number {
    return this.#clock.now();
  }

  get latestAvailable(): number {
    return this.today - this.settings.latencyDays;
  }

  /** Puts in other settings. Throws a RangeError for a time zone that is none. */
  change(settings: Partial<AnalyticsSettings>): void {
    const changed = { ...this.settings, ...settings };
    if (changed.timeZone !== this.settings.timeZone) {
      new ShopCalendar(changed.timeZone);
      this.#made?.ledger.stop();
      this.#made = null;
    }
    this.settings = changed;
    this.#results.clear();
    this.#ofDays.clear();
  }

  /** The part of a range that can be seen. */
  available({ from, to }: DayRange): DayRange {
    return { from, to: Math.min(to, this.latestAvailable + 1) };
  }

  /**
   * The sales that figures of these days count by now, paid or cancelled on them. `live` figures, unlike others, show days
   * after the latest available one whole.
   */
  *counted(axis: 'paid' | 'cancelled', { from, to }: DayRange, live = false): Generator<Sale> {
    for (let dayNumber = from; dayNumber < to; dayNumber += 1) {
      for (const sale of this.ledger.sales(axis, dayNumber)) {
        if (this.#isCounted(sale, dayNumber, live)) yield sale;
      }
    }
  }

  /** Sums over all sales of the days. */
  total(range: DayRange): Figures {
    return this.remember(`total ${range.from} ${range.to}`, () => {
      const figures = new Figures();
      for (const sale of this.counted('paid', range)) figures.add(sale);
      for (const sale of this.counted('cancelled', range)) figures.refund(sale);
      return figures;
    });
  }

  /** Sums of the days for each value of a key. `name` stands for the key. */
  totalsBy<Key>(name: string, range: DayRange, keyOf: (sale: Sale) => Key | null): Map<Key, Figures> {
    return this.remember(`${name} ${range.from} ${range.to}`, () => {
      const found = figuresBy(this.counted('paid', range), keyOf);
      for (const sale of this.counted('cancelled', range)) {
        const key = keyOf(sale);
        if (key === null) continue;
        const figures = found.get(key) ?? new Figures();
        figures.refund(sale);
        found.set(key, figures);
      }
      return found;
    });
  }

  byProduct(range: DayRange): Map<number, Figures> {
    return this.totalsBy('products', range, ({ product }) => product);
  }

  /** Views of a product over the days. */
  audience(product: number, { from, to }: DayRange): ProductAudience {
    const sum = { impressions: 0, clicks: 0 };
    for (let dayNumber = from; dayNumber < to; dayNumber += 1)
      addViews(sum, this.seed, product, dayNumber, this.#itemsOf(dayNumber).get(product) ?? 0);
    return audienceOf(sum, (this.byProduct({ from, to }).get(product) ?? noFigures).items);
  }

  /** Views of all products together; people who look at several of them are fewer than the products' own sum. */
  totalAudience({ from, to }: DayRange): ProductAudience {
    const sum = { impressions: 0, clicks: 0 };
    let items = 0;
    for (let dayNumber = from; dayNumber < to; dayNumber += 1) {
      const ofDay = this.#ofDays.remember(`views ${dayNumber}`, this.#state, () => {
        const views = { impressions: 0, clicks: 0, items: 0 };
        const sold = this.#itemsOf(dayNumber);
        for (let product = 0; product < this.catalogue.products.length; product += 1)
          addViews(views, this.seed, product, dayNumber, sold.get(product) ?? 0);
        for (const count of sold.values()) views.items += count;
        return views;
      });
      sum.impressions += ofDay.impressions;
      sum.clicks += ofDay.clicks;
      items += ofDay.items;
    }
    return audienceOf(sum, items);
  }

  /** Minor units of the shop as text of the currency asked for. */
  money(minor: number, currency: 'LOCAL' | 'USD' = 'LOCAL'): { amount: string; currency: string } {
    if (currency === 'LOCAL' || this.currency === 'USD')
      return { amount: this.#text(minor, this.decimals), currency: this.currency };
    return { amount: this.#text(Math.round(minor * this.#usCentsPerUnit), 2), currency: 'USD' };
  }

  /** Works something out once for the orders and the day as they are now; the last results are kept. */
  remember<Result>(key: string, work: () => Result): Result {
    return this.#results.remember(key, this.#state, work);
  }

  /** What results hold for: any change of an order and any midnight makes them old. */
  get #state(): string {
    return `${this.ledger.version} ${this.today}`;
  }

  #itemsOf(dayNumber: number): Map<number, number> {
    return this.#ofDays.remember(`items ${dayNumber}`, this.#state, () => {
      const items = new Map<number, number>();
      for (const { product } of this.counted('paid', { from: dayNumber, to: dayNumber + 1 }))
        items.set(product, (items.get(product) ?? 0) + 1);
      return items;
    });
  }

  #isCounted(sale: Sale, dayNumber: number, live: boolean): boolean {
    const daysLater = this.today - dayNumber - 1;
    // A day that has not settled at all shows about every second order of those that are already through.
    if (!live && dayNumber > this.latestAvailable && sale.order % 2 === 1) return false;
    return this.ledger.counts(sale.order, this.settings.settling === 'late' ? Math.max(0, daysLater) : 99);
  }

  #text(minor: number, decimals: 0 | 2): string {
    if (decimals === 0) return String(minor);
    const digits = String(Math.abs(minor)).padStart(3, '0');
    return `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  }

  get #parts(): Parts {
    this.#store.settle();
    if (this.#made === null) {
      const calendar = new ShopCalendar(this.settings.timeZone);
      const { catalogue } = this.#store;
      const contents = new Contents(this.seed, this.#digits, catalogue.products.length, calendar);
      const ledger = new SalesLedger(this.#store, contents, calendar, this.seed);
      this.#made = { calendar, contents, ledger, catalogue };
    }
    return this.#made;
  }
}
