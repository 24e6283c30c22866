import type { RunDay } from '../../analytics/run-days.ts';
import { shopToday } from '../../analytics/shop-calendar.ts';
import { type DayCounts, writeDay } from '../../analytics/write-day.ts';
import type { Sql } from '../../db/pool.ts';
import { describeProducts } from '../../db/queries/describe-products.ts';
import { loadWorkbook } from '../../db/queries/workbook-uploads.ts';
import type { SellerCenter } from '../../seller-center/index.ts';
import type { ProductFigures } from '../../sources/product-figures.ts';

export interface OtherSourcesDependencies {
  sql: Sql;
  sellerCenter: SellerCenter;
}

export interface DayOfProducts {
  shopId: string;
  day: RunDay;
  source: 'seller_center' | 'workbook';
  signal: AbortSignal;
}

/**
 * Reads one day of products from where its owner wants it, the seller center or an uploaded workbook, and stores it
 * whole.
 *
 * @throws TidelineError of the source; RunDayLost when the day was claimed by somebody else.
 */
export async function readProductDay(
  { sql, sellerCenter }: OtherSourcesDependencies,
  { shopId, day, source, signal }: DayOfProducts,
): Promise<DayCounts> {
  const { runId, stream, date, attempt } = day;
  const read =
    source === 'workbook'
      ? await readUpload(sql, shopId, runId)
      : await sellerCenter.readDay({ shopId, runId, date, signal });
  const { products, currency, observedAt } = read;
  await describeProducts(sql, shopId, observedAt, products);
  return writeDay(sql, {
    ...{ shopId, runId, stream, date, attempt, source, currency, observedAt },
    today: await shopToday(sql, shopId, Date.now()),
    latestAvailableDate: null,
    rows: products.flatMap(toRow),
  });
}

/** Workbooks do not name their currency: it is the shop's. */
async function readUpload(sql: Sql, shopId: string, runId: string) {
  const { products, uploadedAt } = await loadWorkbook(sql, runId);
  const [shop] = await sql<{ currency: string | null }[]>`
    select currency from shops where shop_id = ${shopId}`;
  return { products, currency: shop?.currency ?? null, observedAt: uploadedAt };
}

/** A product without figures has no row: missing is not zero. */
function toRow(product: ProductFigures) {
  const { productId, gmv, itemsSold, ordersCount, productImpressions, productClicks } = product;
  if (gmv === null || itemsSold === null || ordersCount === null) return [];
  return [
    {
      ...{ product_id: productId, gmv, items_sold: itemsSold, orders_count: ordersCount },
      ...{
        product_impressions: productImpressions,
        product_clicks: productClicks,
        page_id: null,
        page_index: null,
      },
    },
  ];
}
