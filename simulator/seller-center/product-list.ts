import { readDate } from '../analytics/calendar.ts';
import { type Figures, noFigures, ratio } from '../analytics/figures.ts';
import type { DayRange, ShopAnalytics } from '../analytics/shop-analytics.ts';
import { isRecord } from '../files/json-facts.ts';
import type { SimulatedShop } from '../shops.ts';
import type { SellerCenterSettings } from './session.ts';

type Row = Record<string, unknown>;

export interface ListRequest {
  range: DayRange;
  size: number;
  page: number;
  descending: boolean;
}

const largestPage = 100;

/** Reads the body of a product list; `null` where the site would call its parameters invalid. */
export function readListRequest(body: unknown, analytics: ShopAnalytics): ListRequest | null {
  const request = isRecord(body) && isRecord(body.request) ? body.request : {};
  const time = isRecord(request.time_descriptor) ? request.time_descriptor : {};
  const control = isRecord(request.list_control) ? request.list_control : {};
  const pagination = isRecord(control.pagination) ? control.pagination : {};
  const from = readDate(String(time.start));
  const to = readDate(String(time.end));
  if (from === null || to === null || to <= from) return null;
  const offsets = [from, 20_454].map((dayNumber) =>
    analytics.calendar.offset(analytics.calendar.momentOf(dayNumber)),
  );
  if (!offsets.includes(Number(time.timezone_offset))) return null;
  const size = Number(pagination.size);
  const page = Number(pagination.page);
  if (!Number.isInteger(size) || size < 1 || size > largestPage || !Number.isInteger(page) || page < 0)
    return null;
  const rules: unknown[] = Array.isArray(control.rules) ? control.rules : [];
  const rule = isRecord(rules[0]) ? rules[0] : {};
  return { range: { from, to }, size, page, descending: rule.direction !== 1 };
}

/** One page of the list in the dialect of the path: products by GMV, the figures of the range summed. */
export function productPage(
  shop: SimulatedShop,
  { range, size, page, descending }: ListRequest,
  dialect: 'v2' | 'v3',
  settings: SellerCenterSettings,
  shuffled: boolean,
): Row {
  const { analytics } = shop;
  const found = analytics.byProduct(range);
  const products = analytics.remember(`seller center ${range.from} ${range.to} ${descending}`, () => {
    const sign = descending ? -1 : 1;
    const gmv = (product: number): number => (found.get(product) ?? noFigures).gmv;
    const all = Array.from(analytics.catalogue.products.keys());
    const listed = analytics.settings.listing === 'sold' ? all.filter((product) => found.has(product)) : all;
    return listed.sort((left, right) => sign * (gmv(left) - gmv(right)) || left - right);
  });
  const start = page * size;
  const shown = products.slice(start, start + size);
  const before = products[start - 1];
  if (shuffled && before !== undefined && shown.length > 0) shown[0] = before;
  const total = products.length;
  const pages = Math.ceil(total / size);
  const shape = dialect === 'v2' ? itemV2 : itemV3;
  return {
    items: shown.map((product) => shape(shop, product, range, found.get(product) ?? noFigures, settings)),
    list_control: {
      next_pagination: {
        ...(dialect === 'v2' ? { has_more: page + 1 < pages, next_page: page + 1 } : {}),
        total,
        total_page: pages,
      },
    },
  };
}

type Shape = (
  shop: SimulatedShop,
  product: number,
  range: DayRange,
  figures: Readonly<Figures>,
  settings: SellerCenterSettings,
) => Row;

const itemV2: Shape = (shop, product, range, figures, settings) => {
  const { money, count } = writers(shop.analytics, settings);
  const audience = shop.analytics.audience(product, range);
  const id = shop.analytics.catalogue.products[product]?.id ?? '';
  const each = Math.floor(audience.impressions / 3);
  const clicks = Math.floor(audience.clicks / 3);
  return {
    meta: metaOf(shop, product, settings),
    stats: {
      product_id: id,
      gmv: money(figures.gmv),
      unit_sold_cnt: count(figures.items),
      order_cnt: count(figures.orders),
      video_gmv: money(figures.gmvBy.VIDEO),
      video_listing_impression_cnt: count(each),
      video_ctr: ratio(clicks, each),
      video_cvr: ratio(figures.itemsBy.VIDEO, clicks),
      product_card_gmv: money(figures.gmvBy.PRODUCT_CARD),
      product_card_listing_impression_cnt: count(each),
      product_card_ctr: ratio(clicks, each),
      product_card_cvr: ratio(figures.itemsBy.PRODUCT_CARD, clicks),
      product_card_buyer_cnt: count(Math.min(figures.customers, figures.itemsBy.PRODUCT_CARD)),
      product_card_unit_sold_cnt: count(figures.itemsBy.PRODUCT_CARD),
      product_card_pv: count(audience.pageViews),
      product_card_uv: count(audience.uniqueClicks),
    },
  };
};

const itemV3: Shape = (shop, product, range, figures, settings) => {
  const { money, count } = writers(shop.analytics, settings);
  const audience = shop.analytics.audience(product, range);
  const { skus, products } = shop.analytics.catalogue;
  const prices = (products[product]?.skus ?? []).map((sku) => skus[sku]?.price ?? 0);
  return {
    meta: {
      ...metaOf(shop, product, settings),
      min_sale_price: money(Math.min(...prices)),
      max_sale_price: money(Math.max(...prices)),
      rating: '4.7',
      reviews_cnt: count(product % 90),
    },
    stats_v3: {
      total: {
        gmv: money(figures.gmv),
        orders: count(figures.orders),
        sku_orders: count(figures.skuOrders),
        items_sold: count(figures.items),
        customers: count(figures.customers),
        aov_sku: money(figures.skuOrders === 0 ? 0 : Math.round(figures.gmv / figures.skuOrders)),
        refunds: money(figures.refunds),
        items_canceled_and_returned: count(figures.refundedItems),
        product_impression_pv: count(audience.impressions),
        product_impression_uv: count(audience.uniqueImpressions),
        product_click_pv: count(audience.clicks),
        product_click_uv: count(audience.uniqueClicks),
        product_ctr_pv: ratio(audience.clicks, audience.impressions),
        product_ctr_uv: ratio(audience.uniqueClicks, audience.uniqueImpressions),
        add_to_cart_cnt_pv: count(audience.cartAdditions),
        click_to_orders_rate_sku_uv: ratio(figures.skuOrders, audience.uniqueClicks),
        product_card_gmv: money(figures.gmvBy.PRODUCT_CARD),
      },
    },
  };
};

function metaOf(shop: SimulatedShop, product: number, settings: SellerCenterSettings): Row {
  const { products } = shop;
  const id = products.catalogue.products[product]?.id ?? '';
  const stock = (products.catalogue.products[product]?.skus ?? [])
    .flatMap((sku) => products.stock(sku))
    .reduce((sum, units) => sum + units, 0);
  return {
    product_id: id,
    product_name: products.title(product),
    product_image: `https://images.invalid/${id}.jpeg`,
    product_status: products.status(product) === 'ACTIVATE' ? 1 : 2,
    inventory_cnt: writers(shop.analytics, settings).count(stock),
  };
}

const symbols: Record<string, string> = { USD: '$', GBP: '£', EUR: '€', JPY: '¥', IDR: 'Rp' };

/** Money with its localised twins, which nobody may read; counts as number or as text. */
function writers(
  analytics: ShopAnalytics,
  { countsAsText, amountsAsNumber }: SellerCenterSettings,
): { money(minor: number): Row; count(value: number): number | string } {
  return {
    money(minor) {
      const { amount, currency } = analytics.money(minor);
      const [whole = '', fraction] = amount.split('.');
      const delimited = `${whole.replace(/\B(?=(\d{3})+$)/g, '.')}${fraction === undefined ? '' : `,${fraction}`}`;
      const symbol = symbols[currency] ?? currency;
      return {
        amount: amountsAsNumber ? Number(amount) : amount,
        amount_delimited: delimited,
        amount_formatted: `${delimited}${symbol}`,
        currency_code: currency,
        currency_symbol: symbol,
      };
    },
    count: (value) => (countsAsText ? String(value) : value),
  };
}
