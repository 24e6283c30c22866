import { createHash } from 'node:crypto';
import { ShopAnalytics } from './analytics/shop-analytics.ts';
import { ProductShelf } from './catalogue/product-shelf.ts';
import type { SimulatorClock } from './clock.ts';
import { loadOrderFile, type SkippedLine } from './files/order-file.ts';
import type { SimulatorOptions } from './options.ts';
import { GeneratedOrders } from './orders/generated-orders.ts';
import { historyTimes } from './orders/history.ts';
import { OrderStore } from './orders/order-store.ts';
import { OrderSearch } from './orders/search.ts';
import { createShopProfile } from './orders/shop-profile.ts';
import { hash } from './random.ts';
import { regionOf } from './regions.ts';
import { SellerCenterSession } from './seller-center/session.ts';

/** One simulated shop. */
export interface SimulatedShop {
  id: string;
  name: string;
  code: string;
  region: string;
  currency: string;
  sellerType: 'LOCAL' | 'CROSS_BORDER';
  /** What clients send as `shop_cipher`. */
  cipher: string;
  tokenPrefix: string;
  /** Number of the seller who owns it. */
  seller: number;
  /** Fixed offset of its calendar days. */
  offsetHours: number;
  seed: number;
  orders: OrderStore;
  search: OrderSearch;
  products: ProductShelf;
  analytics: ShopAnalytics;
  sellerCenter: SellerCenterSession;
}

export interface CreatedShops {
  shops: SimulatedShop[];
  skipped: number;
  skippedLines: SkippedLine[];
}

/** Makes the shops of these options: generated ones, or the one shop of an order file. */
export async function createShops(
  options: SimulatorOptions,
  clock: SimulatorClock,
  reportSkipped: (line: SkippedLine) => void,
): Promise<CreatedShops> {
  const now = options.now ?? clock.now();
  if (options.ordersFile !== null) {
    const profile = createShopProfile(options.seed, 0, regionOf(0));
    const shiftTo = options.shiftToNow ? now : null;
    const loaded = await loadOrderFile(options.ordersFile, profile, shiftTo, reportSkipped);
    const added = new GeneratedOrders(profile, new Uint32Array(0), now);
    const orders = new OrderStore(loaded.orders, added, clock);
    const described = describeShop(options, 0, orders, clock, 0);
    // A file of years knows ten thousands of products that nobody has bought for long: no platform lists them every day.
    described.analytics.change({ listing: 'sold' });
    const shop = { ...described, name: 'Shop of the order file' };
    return { shops: [shop], skipped: loaded.skipped, skippedLines: loaded.skippedLines };
  }
  const shops = Array.from({ length: options.shops }, (_, nth) => {
    const region = regionOf(nth);
    const seed = hash(options.seed, nth, 5);
    const profile = createShopProfile(seed, nth, region, options.products);
    const times = historyTimes(seed, options.ordersCount, options.historyDays, now, region.offsetHours);
    const generated = new GeneratedOrders(profile, times, now);
    return describeShop(options, nth, new OrderStore(generated, generated, clock), clock, region.offsetHours);
  });
  return { shops, skipped: 0, skippedLines: [] };
}

function describeShop(
  options: SimulatorOptions,
  nth: number,
  orders: OrderStore,
  clock: SimulatorClock,
  offsetHours: number,
): SimulatedShop {
  const region = regionOf(nth);
  const seed = hash(options.seed, nth, 7);
  const digest = createHash('sha256').update(`simulated shop ${options.seed} ${nth}`).digest('base64url');
  return {
    id: `7495${String(100_000_000_000_000 + (hash(options.seed, nth, 6) % 1_000_000_000) * 1000 + nth).slice(1)}0`,
    name: `Tideline Simulated Shop ${nth + 1} (${region.region})`,
    code: `${region.region}SIM${String(nth + 1).padStart(4, '0')}`,
    region: region.region,
    currency: region.currency,
    sellerType: region.region === 'US' ? 'LOCAL' : 'CROSS_BORDER',
    cipher: `${region.tokenPrefix}_${digest.slice(0, 22)}`,
    tokenPrefix: region.tokenPrefix,
    seller: nth % options.sellers,
    offsetHours,
    seed,
    orders,
    search: new OrderSearch(orders),
    products: new ProductShelf(orders.catalogue, seed, options.now ?? clock.now()),
    analytics: new ShopAnalytics(nth, seed, offsetHours, orders, clock),
    sellerCenter: new SellerCenterSession(`7496${String(nth).padStart(15, '0')}`, seed, clock.now()),
  };
}
