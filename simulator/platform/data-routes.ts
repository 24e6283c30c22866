import { affiliateOrders } from '../analytics/affiliate-orders.ts';
import { bestsellers } from '../analytics/bestsellers.ts';
import { liveMinutes } from '../analytics/live-minutes.ts';
import { liveList, liveOverview } from '../analytics/live-performance.ts';
import { liveProducts } from '../analytics/live-products.ts';
import { productDetail } from '../analytics/product-detail.ts';
import { productList } from '../analytics/product-performance.ts';
import { Refused } from '../analytics/request.ts';
import { type DataRoute, dataText } from '../analytics/route.ts';
import { shopHours } from '../analytics/shop-hours.ts';
import { shopPerformance } from '../analytics/shop-performance.ts';
import { skuDetail, skuList } from '../analytics/sku-performance.ts';
import { videoDetail, videoProducts } from '../analytics/video-detail.ts';
import { videoList, videoOverview } from '../analytics/video-performance.ts';
import { productDetails, productSearch } from '../catalogue/product-routes.ts';
import type { Fault, RouteName } from '../control/faults.ts';
import type { Simulation } from '../simulation.ts';
import { admit } from './gateway.ts';
import { type Reply, refusal, success } from './reply.ts';
import type { PlatformRequest } from './request.ts';
import { spoilData } from './spoil-data.ts';

const routes: readonly DataRoute[] = [
  productSearch,
  productDetails,
  shopPerformance,
  shopHours,
  productList,
  productDetail,
  skuList,
  skuDetail,
  videoList,
  videoOverview,
  videoDetail,
  videoProducts,
  liveList,
  liveOverview,
  liveMinutes,
  liveProducts,
  affiliateOrders,
  bestsellers,
];

/** A data route with what its path said. */
export interface FoundRoute {
  described: { name: RouteName; methods: readonly string[] };
  route: DataRoute;
  parts: readonly string[];
}

/** The route of products and analytics that has this path; `null` for the others. */
export function findDataRoute(path: string): FoundRoute | null {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match === null) continue;
    return { described: { name: route.name, methods: [route.method] }, route, parts: match.slice(1) };
  }
  return null;
}

/** Lets a call through the gateway and answers it. */
export function answerData(
  simulation: Simulation,
  { route, parts }: FoundRoute,
  request: PlatformRequest,
  fault: Fault | null,
): Reply {
  const nowMs = simulation.clock.nowMs();
  const admitted = admit(simulation, request, { route: route.name, takesCipher: true, scope: route.scope });
  if ('httpStatus' in admitted) return admitted;
  const { shop } = admitted;
  if (shop === null) throw new Error('a data route without a shop');
  shop.orders.settle();
  try {
    const { data, rows } = route.answer({
      shop,
      analytics: shop.analytics,
      path: request.path,
      query: request.query,
      body: parsedBody(request),
      parts,
      pageTokens: simulation.options.pageTokenKind,
    });
    return success(dataText(spoilData(data, fault, request.query)), rows, nowMs);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refusal(error.fault.httpStatus, error.fault.code, error.fault.message, nowMs);
  }
}

function parsedBody(request: PlatformRequest): unknown {
  if (request.body.length === 0) return undefined;
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refused({ code: 36009022, httpStatus: 400, message: 'The request body is not JSON' });
  }
}
