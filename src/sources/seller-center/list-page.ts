import { isJsonObject } from '../../json-object.ts';
import { hasHalfItsFigures, hiddenStatus, type ProductFigures } from '../product-figures.ts';
import { ApiError } from '../tiktok-shop/errors.ts';
import { pageSize } from './request-text.ts';

/** One page of a day's product list. */
export interface ListPage {
  products: ProductFigures[];
  /** Of its amounts; null where no amount says it. */
  currency: string | null;
  /** Products that the list says it has; null where it does not. */
  total: number | null;
  /** The next page's number, from 0; null after the last. */
  nextPage: number | null;
}

const liveStatus = 1;

/**
 * Reads what came as `data` in either dialect: figures stand in `stats` or in `stats_v3.total`.
 *
 * @param page its number, from 0.
 * @throws ApiError when there is no list (zeros must not be stored for it) or a figure is not what it should be.
 */
export function readListPage(data: Record<string, unknown>, page: number): ListPage {
  const { items } = data;
  if (!Array.isArray(items)) throw suspect('has no list of products');
  const currencies = new Set<string>();
  const products = items.map((item) => readItem(item, currencies));
  if (products.some(hasHalfItsFigures)) throw suspect('leaves figures of a product out');
  if (currencies.size > 1) throw suspect('mixes currencies');
  const [currency = null] = currencies;
  const pagination = objectOf(objectOf(data.list_control).next_pagination);
  return {
    products,
    currency,
    total: wholeNumberOf(pagination.total),
    nextPage: products.length === 0 ? null : nextPageOf(pagination, page, products.length),
  };
}

/** By what the answer says of it, the surest first; its own `page` is ambiguous and is not looked at. */
function nextPageOf(pagination: Record<string, unknown>, page: number, length: number): number | null {
  const pages = wholeNumberOf(pagination.total_page);
  const goesOn =
    typeof pagination.has_more === 'boolean'
      ? pagination.has_more
      : pages === null
        ? length >= pageSize
        : page + 1 < pages;
  return goesOn ? (wholeNumberOf(pagination.next_page) ?? page + 1) : null;
}

function readItem(item: unknown, currencies: Set<string>): ProductFigures {
  const { meta: givenMeta, stats, stats_v3 } = objectOf(item);
  const meta = objectOf(givenMeta);
  const figures = isJsonObject(stats_v3) ? objectOf(stats_v3.total) : objectOf(stats);
  const productId = textOf(meta.product_id) ?? textOf(figures.product_id);
  if (productId === null || !/^\d{1,25}$/.test(productId)) throw suspect('names a product without an id');
  const gmv = readMoney(figures.gmv);
  if (gmv.currency !== null) currencies.add(gmv.currency);
  return {
    productId,
    title: textOf(meta.product_name),
    status: statusOf(meta.product_status),
    imageUrl: textOf(meta.product_image),
    stock: countOf(meta.inventory_cnt),
    gmv: gmv.amount,
    itemsSold: countOf(figures.unit_sold_cnt ?? figures.items_sold),
    ordersCount: countOf(figures.order_cnt ?? figures.orders),
    productImpressions: countOf(figures.product_impression_pv),
    productClicks: countOf(figures.product_click_pv),
  };
}

/** `{amount, currency_code, …}`; the formatted texts beside them follow the account's language and are not read. */
function readMoney(value: unknown): { amount: string | null; currency: string | null } {
  if (isMissing(value)) return { amount: null, currency: null };
  const { amount, currency_code } = objectOf(value);
  const currency = textOf(currency_code);
  if (isMissing(amount)) return { amount: null, currency };
  const text = decimalText(amount);
  if (text === null || !/^-?\d{1,18}(\.\d{1,6})?$/.test(text)) throw suspect('holds an amount that is none');
  return { amount: text, currency };
}

function countOf(value: unknown): string | null {
  if (isMissing(value)) return null;
  const text = decimalText(value);
  if (text === null || !/^\d{1,18}$/.test(text)) throw suspect('holds a count that is none');
  return text;
}

/** Missing, null and empty all mean that it is not known; none of them means zero. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function decimalText(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : null;
}

function statusOf(value: unknown): string | null {
  if (isMissing(value)) return null;
  return wholeNumberOf(value) === liveStatus ? 'ACTIVATE' : hiddenStatus;
}

function wholeNumberOf(value: unknown): number | null {
  const text = decimalText(value);
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function textOf(value: unknown): string | null {
  return isMissing(value) ? null : (decimalText(value)?.replaceAll('\0', '').slice(0, 2_000) ?? null);
}

function objectOf(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {};
}

function suspect(what: string): ApiError {
  return new ApiError({
    kind: 'invalid-request',
    actor: 'user',
    code: 'seller-center-suspect',
    message: `An answer of the seller center ${what}. Nothing of this day was stored.`,
    action: 'Retry the day later; where it stays, upload the workbook instead.',
  });
}
