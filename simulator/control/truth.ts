import type { ServerResponse } from 'node:http';
import { manyLines, mustBeQuarantined } from '../orders/order-source.ts';
import type { SimulatedShop } from '../shops.ts';

const perChunk = 500;

/**
 * Streams what the shop holds as NDJSON, one order a line in byte order of the ids: what a complete and exact copy must
 * equal. `poison` names what is wrong with an order on purpose, `quarantine` whether it can only be set aside.
 */
export async function streamTruth(shop: SimulatedShop, response: ServerResponse): Promise<void> {
  const store = shop.orders;
  store.settle();
  const orders = Array.from({ length: store.count }, (_, order) => order);
  const ids = orders.map((order) => store.id(order));
  orders.sort((left, right) => compareText(ids[left] ?? '', ids[right] ?? ''));
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  let chunk = '';
  for (const [nth, order] of orders.entries()) {
    const facts = store.facts(order);
    const poison = store.changesOf(order)?.poison;
    chunk += `${JSON.stringify({
      id: facts.id,
      status: poison === 'new_status' ? 'AWAITING_TELEPORT' : facts.status,
      create_time: facts.createTime,
      update_time: facts.updateTime,
      currency: facts.currency,
      total_amount: facts.totalAmount,
      sub_total: facts.subTotal,
      line_count: poison === 'many_lines' ? manyLines : facts.lineCount,
      line_sum: facts.lineSum,
      tracking_number: facts.trackingNumber,
      ...(poison === undefined ? {} : { poison, quarantine: mustBeQuarantined(poison) }),
    })}\n`;
    if (nth % perChunk !== perChunk - 1) continue;
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
    chunk = '';
  }
  response.end(chunk);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Until the other side takes more, or goes away. */
export function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
