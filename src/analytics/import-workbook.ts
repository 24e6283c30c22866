import { createHash } from 'node:crypto';
import type { Sql } from '../db/pool.ts';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import { readProductWorkbook } from '../sources/workbook/product-workbook.ts';
import { WorkbookError } from '../sources/workbook/workbook-error.ts';
import type { SyncRequest } from '../sync/start-sync.ts';
import { shopToday } from './shop-calendar.ts';

export interface GivenWorkbook {
  file: Buffer;
  /** The shop's day that it is of, as whoever uploads it says; null: as the file says. */
  date: string | null;
}

/**
 * Reads an uploaded workbook into the request that stores it.
 *
 * @throws WorkbookError when it is none, or of a day that is not over.
 */
export async function readWorkbookForImport(
  { shopId }: ShopScope,
  sql: Sql,
  { file, date: wanted }: GivenWorkbook,
): Promise<Omit<SyncRequest, 'trigger' | 'window'> & { workbook: NonNullable<SyncRequest['workbook']> }> {
  const [shop] = await sql<{ currency: string | null }[]>`
    select currency from shops where shop_id = ${shopId}`;
  const currency = shop?.currency ?? null;
  const { date, products } = await readProductWorkbook(file, {
    ...{ currency, date: wanted },
    decimals: decimalsOf(currency),
  });
  if (date >= (await shopToday(sql, shopId, Date.now()))) {
    throw new WorkbookError([
      { path: 'file', message: `is of ${date}, and that day is not over in the shop.` },
    ]);
  }
  return {
    ...{ shopId, stream: 'analytics', mode: 'window' },
    backfill: { streams: ['products'], dateFrom: date, dateTo: date, source: 'workbook' },
    workbook: { fileSha256: createHash('sha256').update(file).digest(), products },
  };
}

/** Digits behind the point, where the currency is known; two are usual. */
function decimalsOf(currency: string | null): number {
  if (currency === null) return 2;
  // Rupiah have sen on paper only; shops there count whole ones.
  if (currency === 'IDR') return 0;
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}
