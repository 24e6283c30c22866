import { writeRefreshedOrder } from '../../db/queries/write-refreshed-order.ts';
import { TidelineError } from '../../errors.ts';
import { ApiError } from '../../sources/tiktok-shop/errors.ts';
import { readOrdersById } from '../../sources/tiktok-shop/streams/orders/read-orders-by-id.ts';
import type { ActivityControl, OrderDependencies } from './dependencies.ts';
import { keepChanges } from './read-page.ts';

/** The client repeats calls for longer than somebody would wait. */
const patienceMs = 12_000;

export interface OrderToRefresh {
  shopId: string;
  /** TikTok's id, without a comma. */
  orderId: string;
}

/**
 * Reads one order again and stores what is new about it, as pages are stored.
 *
 * @throws TidelineError `order-not-found` when TikTok has no such order in the shop; ApiError
 */
export async function refreshOrder(
  { sql, client, personal, drift }: OrderDependencies,
  control: ActivityControl,
  { shopId, orderId }: OrderToRefresh,
): Promise<void> {
  const [clock] = await sql<{ now: Date }[]>`select clock_timestamp() as now`;
  const patience = AbortSignal.timeout(patienceMs);
  const signal = AbortSignal.any([control.signal, patience]);
  const exchange = await readOrdersById(client, { shopId, orderIds: [orderId], signal }).catch((error) => {
    throw patience.aborted && !control.signal.aborted ? noGoodAnswer(error) : error;
  });
  drift.note(shopId, 'orders', exchange.drift);
  const records = exchange.records.filter((record) => record.recordId === orderId);
  const [record] = records;
  if (record === undefined) {
    const message = 'TikTok has no such order in this shop.';
    throw new TidelineError({ code: 'order-not-found', message, actor: 'user', status: 404 });
  }
  if (record.kind === 'quarantined') {
    throw new ApiError({
      kind: 'invalid-request',
      code: 'order-unreadable',
      message: `TikTok's answer cannot be stored: ${record.path} is ${record.reason}.`,
      action: 'The next sync sets the order aside, where it is listed with its reason.',
      requestId: exchange.requestId,
    });
  }
  const rows = await keepChanges({ sql, personal }, shopId, records);
  await writeRefreshedOrder(sql, personal, { shopId, exchange, rows, begunAt: clock?.now ?? new Date(0) });
}

function noGoodAnswer(cause: unknown): ApiError {
  const message = `TikTok gave no good answer within ${patienceMs / 1000} seconds.`;
  return new ApiError({ kind: 'transient', message, action: 'Try again later.', cause });
}
