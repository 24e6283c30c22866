import type { PersonalStore } from '../../db/queries/order-personal.ts';
import { type OrderRows, personalRecords, toOrderRows } from '../../db/queries/order-rows.ts';
import { rawPageEncoding, unpackRawPage } from '../../db/queries/raw-page-body.ts';
import { withoutUnchanged } from '../../db/queries/write-page.ts';
import type { DriftFinding } from '../../sources/tiktok-shop/streams/drift.ts';
import {
  type OrderPage,
  type OrderPageHead,
  type OrderPageRequest,
  readOrderPage,
  readOrderPageRows,
} from '../../sources/tiktok-shop/streams/orders/index.ts';
import { mapOrders } from '../../sources/tiktok-shop/streams/orders/map.ts';
import type { OrderDependencies } from './dependencies.ts';

/** A page on its way into the database. */
export interface WalkedPage extends OrderPageHead {
  /** Ids of its records in the page's order. */
  recordIds: readonly string[];
  /** What in it is not as TikTok documents it. */
  drift: readonly DriftFinding[];
  /** What of it is to be stored. */
  keep(): Promise<OrderRows>;
}

/** Each kind of page has its own lane in the request budget. */
export type ReadPage = (
  dependencies: OrderDependencies,
  request: Omit<OrderPageRequest, 'lane'>,
) => Promise<WalkedPage>;

/** A page of history: all of it is kept, and it is taken apart on another thread. */
export const readHistoryPage: ReadPage = async ({ client, decodePage, personal }, request) => {
  const { shopId } = request;
  const { rows, ...page } = await readOrderPageRows<OrderRows>(
    client,
    { ...request, lane: 'history' },
    decodePage,
  );
  const keep = async (): Promise<OrderRows> =>
    (await personal.hasErased(shopId)) ? withoutErased(personal, shopId, rows) : rows;
  return { ...page, recordIds: rows.recordIds, keep };
};

/** Rows are made anew for the few shops where buyers were erased: the threads know of nobody. */
async function withoutErased(personal: PersonalStore, shopId: string, rows: OrderRows): Promise<OrderRows> {
  const { records } = mapOrders(await unpackRawPage(rawPageEncoding, Buffer.from(rows.body)));
  return { ...toOrderRows(await personal.withoutErased(shopId, records)), personal: rows.personal };
}

/** A page of changes: only what is new or changed is kept, for most of a window overlaps the one before it. */
export const readChangesPage: ReadPage = async ({ sql, client, personal }, request) => {
  const { shopId } = request;
  const { records, ...page } = await readOrderPage(client, { ...request, lane: 'incremental' });
  const keep = () => keepChanges({ sql, personal }, shopId, records);
  return { ...page, recordIds: records.map((record) => record.recordId), keep };
};

/** What of the records of a page is new or changed. */
export async function keepChanges(
  { sql, personal }: Pick<OrderDependencies, 'sql' | 'personal'>,
  shopId: string,
  records: OrderPage['records'],
): Promise<OrderRows> {
  const changed = await withoutUnchanged(sql, shopId, records);
  const rows = toOrderRows(await personal.withoutErased(shopId, changed));
  // Personal fields change without the order changing: those of unchanged orders are looked at too.
  return { ...rows, personal: personalRecords(records) };
}
