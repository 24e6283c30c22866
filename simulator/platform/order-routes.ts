import type { Fault } from '../control/faults.ts';
import { encodePageToken } from '../orders/page-token.ts';
import { poisonText } from '../orders/poison.ts';
import { readOrderQuery } from '../orders/search-request.ts';
import type { SimulatedShop } from '../shops.ts';
import type { Simulation } from '../simulation.ts';
import { type Reply, refusal, success } from './reply.ts';
import type { PlatformRequest } from './request.ts';

const mostIds = 50;

/** `POST /order/202309/orders/search` after the gateway (facts, section 3). */
export function searchOrders(
  simulation: Simulation,
  shop: SimulatedShop,
  request: PlatformRequest,
  fault: Fault | null,
): Reply {
  const { clock, options } = simulation;
  const nowMs = clock.nowMs();
  let body: unknown;
  try {
    body = request.body.length === 0 ? undefined : JSON.parse(request.body.toString('utf8'));
  } catch (error) {
    return refusal(
      400,
      36009022,
      `The request body is not JSON: ${error instanceof Error ? error.name : 'unreadable'}`,
      nowMs,
    );
  }
  const query = readOrderQuery(request.query, body, clock.now());
  if ('httpStatus' in query) return refusal(query.httpStatus, query.code, query.message, nowMs);
  shop.orders.settle();
  const found = shop.search.page(query, options.pageTokenKind);
  if (found === null)
    return refusal(
      200,
      98001004,
      'Invalid parameter page_token: unknown, or given out for other filters',
      nowMs,
    );
  let { orders, nextPageToken, total } = found;
  const sameAgain = (): string =>
    query.pageToken ?? encodePageToken({ kind: 'shifting', time: 0, order: 0, offset: 0 }, query.key);
  if (fault?.kind === 'empty_page') {
    orders = [];
    nextPageToken = sameAgain();
  } else if (fault?.kind === 'repeated_token') nextPageToken = sameAgain();
  else if (fault?.kind === 'duplicates') orders = [...orders, ...orders.slice(0, fault.count)];
  else if (fault?.kind === 'lying_total') total = Math.max(0, total + fault.delta);
  const count = fault?.kind === 'missing_total' ? '' : `,"total_count":${total}`;
  const tail = `],"next_page_token":"${nextPageToken}"${count}}`;
  return success(ordersJson(shop, orders, fault, tail), orders.length, nowMs);
}

/** `GET /order/{202309,202507}/orders?ids=` after the gateway; ids of nobody are simply missing from the answer. */
export function orderDetail(
  simulation: Simulation,
  shop: SimulatedShop,
  request: PlatformRequest,
  fault: Fault | null,
): Reply {
  const nowMs = simulation.clock.nowMs();
  const ids = (request.query.get('ids') ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0) return refusal(200, 98001004, 'Invalid parameter ids: it is required', nowMs);
  if (ids.length > mostIds)
    return refusal(200, 12019120, `Invalid parameter ids: at most ${mostIds} at once`, nowMs);
  shop.orders.settle();
  const found = [...new Set(ids)].map((id) => shop.orders.indexOf(id)).filter((order) => order >= 0);
  return success(ordersJson(shop, found, fault, ']}'), found.length, nowMs);
}

/** `GET /authorization/202309/shops`: the shops of the grant with their ciphers. */
export function authorizedShops(simulation: Simulation, shopIds: ReadonlySet<string>): Reply {
  const shops = simulation.shops
    .filter((shop) => shopIds.has(shop.id))
    .map(({ id, name, region, sellerType, cipher, code }) => ({
      id,
      name,
      region,
      seller_type: sellerType,
      cipher,
      code,
    }));
  return success(JSON.stringify({ shops }), shops.length, simulation.clock.nowMs());
}

function* ordersJson(
  shop: SimulatedShop,
  orders: readonly number[],
  fault: Fault | null,
  tail: string,
): Generator<string> {
  const poisoned = fault?.kind === 'poison' ? fault : null;
  yield '{"orders":[';
  for (let nth = 0; nth < orders.length; nth += 1) {
    if (nth > 0) yield ',';
    const pieces = shop.orders.render(orders[nth] ?? 0);
    if (poisoned !== null && nth < poisoned.count) yield poisonText(pieces.join(''), poisoned.poison);
    else yield* pieces;
  }
  yield tail;
}
