import type { Fault, RouteName } from '../control/faults.ts';
import type { SimulatedShop } from '../shops.ts';
import type { Simulation } from '../simulation.ts';
import { answerData, findDataRoute } from './data-routes.ts';
import { admit, throttled } from './gateway.ts';
import { authorize, tokenCall } from './oauth-routes.ts';
import { authorizedShops, orderDetail, searchOrders } from './order-routes.ts';
import { page, type Reply, refusal } from './reply.ts';
import type { PlatformRequest } from './request.ts';

export interface Route {
  name: RouteName | 'authorize';
  methods: readonly string[];
}

const routes = new Map<string, Route>([
  ['/open/authorize', { name: 'authorize', methods: ['GET', 'POST'] }],
  ['/api/v2/token/get', { name: 'token_get', methods: ['GET'] }],
  ['/api/v2/token/refresh', { name: 'token_refresh', methods: ['GET'] }],
  ['/authorization/202309/shops', { name: 'authorized_shops', methods: ['GET'] }],
  ['/order/202309/orders/search', { name: 'order_search', methods: ['POST'] }],
  ['/order/202309/orders', { name: 'order_detail', methods: ['GET'] }],
  ['/order/202507/orders', { name: 'order_detail', methods: ['GET'] }],
]);

/** What became of one call; `reply` is `null` when it is to be left hanging. */
export interface Answered {
  route: string;
  shop: SimulatedShop | null;
  fault: Fault | null;
  reply: Reply | null;
}

/** Answers one call of the platform's own API. */
export function answer(simulation: Simulation, request: PlatformRequest): Answered {
  const nowMs = simulation.clock.nowMs();
  const dataRoute = findDataRoute(request.path);
  const route = dataRoute?.described ?? routes.get(request.path);
  if (route === undefined) {
    return {
      route: request.path.slice(0, 200),
      shop: null,
      fault: null,
      reply: refusal(404, 36009009, 'Invalid path', nowMs),
    };
  }
  if (!route.methods.includes(request.method)) {
    const reply = {
      ...refusal(405, 36009010, 'Invalid method', nowMs),
      headers: { allow: route.methods.join(', ') },
    };
    return { route: route.name, shop: null, fault: null, reply };
  }
  const shop = simulation.byCipher.get(request.query.get('shop_cipher') ?? '') ?? null;
  if (route.name === 'authorize')
    return { route: route.name, shop, fault: null, reply: authorize(simulation, request) };
  const fault = simulation.faults.take(route.name, shop?.id ?? null);
  if (fault?.kind === 'hang') return { route: route.name, shop, fault, reply: null };
  const reply =
    instead(simulation, fault) ??
    (dataRoute === null
      ? routed(simulation, route.name, request, fault)
      : answerData(simulation, dataRoute, request, fault));
  return { route: route.name, shop, fault, reply };
}

function routed(
  simulation: Simulation,
  name: RouteName,
  request: PlatformRequest,
  fault: Fault | null,
): Reply {
  if (name === 'token_get') return tokenCall(simulation, request, 'get');
  if (name === 'token_refresh') return tokenCall(simulation, request, 'refresh');
  const takesCipher = name !== 'authorized_shops';
  const scope = takesCipher ? 'seller.order.info' : 'seller.authorization.info';
  const admitted = admit(simulation, request, { route: name, takesCipher, scope });
  if ('httpStatus' in admitted) return admitted;
  if (admitted.shop === null) return authorizedShops(simulation, admitted.grant.shops);
  return name === 'order_search'
    ? searchOrders(simulation, admitted.shop, request, fault)
    : orderDetail(simulation, admitted.shop, request, fault);
}

/** The answers of faults that happen before the platform looks at the call. */
function instead(simulation: Simulation, fault: Fault | null): Reply | null {
  const nowMs = simulation.clock.nowMs();
  const headers: Record<string, string> =
    fault?.retryAfter == null ? {} : { 'retry-after': fault.retryAfter };
  switch (fault?.kind) {
    case 'status':
      return {
        ...refusal(fault.httpStatus, fault.code, fault.message, nowMs),
        headers,
        throttled: fault.httpStatus === 429,
      };
    case 'html':
      return {
        ...page(
          fault.httpStatus,
          '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>',
        ),
        headers,
      };
    case 'code':
      return { ...refusal(fault.httpStatus, fault.code, fault.message, nowMs), headers };
    case 'throttle': {
      const reply = throttled(simulation, 36009002, 'Too many requests', 1, fault.inBody);
      return fault.retryAfter === null ? reply : { ...reply, headers };
    }
    case 'reset':
      return refusal(503, 36009003, 'reset', nowMs);
    default:
      return null;
  }
}
