import type { ServerResponse } from 'node:http';
import { controlConversions } from '../conversions/control.ts';
import { isRecord } from '../files/json-facts.ts';
import { poisonKinds } from '../orders/order-source.ts';
import { allScopes } from '../platform/grants.ts';
import type { PlatformRequest } from '../platform/request.ts';
import { RandomSequence } from '../random.ts';
import { controlSellerCenter } from '../seller-center/control.ts';
import type { SimulatedShop } from '../shops.ts';
import type { Simulation } from '../simulation.ts';
import { controlAnalytics } from './analytics.ts';
import { changeSettings } from './change-settings.ts';
import { changeKinds, changeOrders } from './changes.ts';
import { readFault } from './faults.ts';
import { streamProducts } from './product-truth.ts';
import { streamTruth } from './truth.ts';

const mostChanges = 1_000_000;

class ControlFault extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The control API: tests and the demo look at the simulator and change it here. JSON in and out, loopback only. */
export async function control(
  simulation: Simulation,
  request: PlatformRequest,
  response: ServerResponse,
): Promise<void> {
  try {
    const result = await dispatch(simulation, request, response);
    if (result !== undefined) reply(response, 200, result);
  } catch (error) {
    if (!(error instanceof ControlFault)) throw error;
    reply(response, error.status, { error: error.message });
  }
}

async function dispatch(
  simulation: Simulation,
  request: PlatformRequest,
  response: ServerResponse,
): Promise<unknown> {
  const parts = request.path.split('/').slice(2);
  const [first, second, third] = parts;
  if (first === 'conversions') {
    const { method, query } = request;
    const result = controlConversions(
      simulation.conversions,
      { method, parts: parts.slice(1), query, body: bodyOf(request) },
      response,
    );
    if (typeof result === 'string') throw new ControlFault(400, result);
    if (result !== null) return result;
  }
  if (first === 'shops' && second !== undefined && third === 'analytics') {
    const { method, query } = request;
    const call = { method, parts: parts.slice(3), query, body: bodyOf(request) };
    const result = await controlAnalytics(findShop(simulation, second), call, response);
    if (typeof result === 'string') throw new ControlFault(400, result);
    if (result !== null) return result;
  }
  if (first === 'shops' && second !== undefined && third === 'seller_center') {
    const body = request.method === 'GET' ? {} : bodyOf(request);
    const result = controlSellerCenter(findShop(simulation, second), body, simulation.clock.now());
    if (typeof result === 'string') throw new ControlFault(400, result);
    return result;
  }
  switch (`${request.method} ${first ?? ''}`) {
    case 'GET ':
      return {
        shops: simulation.shops.map(describe),
        skipped_lines: simulation.skipped,
        first_skipped: simulation.skippedLines,
      };
    case 'GET shops': {
      if (second === undefined) return { shops: simulation.shops.map(describe) };
      const shop = findShop(simulation, second);
      if (third === 'truth') return streamTruth(shop, response);
      if (third === 'products') return streamProducts(shop, response);
      if (third === undefined) return describe(shop);
      break;
    }
    case 'POST shops':
      if (second !== undefined && third === 'changes')
        return change(simulation, findShop(simulation, second), bodyOf(request));
      if (second !== undefined && third === 'products')
        return changeProduct(simulation, findShop(simulation, second), bodyOf(request));
      break;
    case 'GET journal': {
      const entries = simulation.journal.entries(
        Number(request.query.get('after') ?? 0),
        Number(request.query.get('limit') ?? 1_000),
        request.query.get('route') ?? null,
      );
      return { entries };
    }
    case 'GET statistics':
      return { ...simulation.journal.statistics(), ...processUse() };
    case 'DELETE statistics':
      simulation.journal.reset();
      return {};
    case 'GET faults':
      return { faults: simulation.faults.list() };
    case 'POST faults': {
      const body = bodyOf(request);
      const list: unknown[] = Array.isArray(body.faults) ? body.faults : [body];
      const faults = list.map(readFault);
      const wrong = faults.find((fault) => typeof fault === 'string');
      if (typeof wrong === 'string') throw new ControlFault(400, wrong);
      if (typeof body.seed === 'number') simulation.faults.reseed(body.seed);
      return {
        faults: faults.map((fault) => (typeof fault === 'string' ? null : simulation.faults.add(fault))),
      };
    }
    case 'DELETE faults':
      return { removed: simulation.faults.remove(second === undefined ? null : Number(second)) };
    case 'GET grants':
      return { grants: simulation.grants.all.map(describeGrant) };
    case 'POST grants':
      return changeGrant(simulation, Number(second), third ?? '', bodyOf(request));
    case 'GET settings':
      return changeSettings(simulation, {});
    case 'POST settings': {
      const result = changeSettings(simulation, bodyOf(request));
      if (typeof result === 'string') throw new ControlFault(400, result);
      return result;
    }
  }
  throw new ControlFault(404, `There is no ${request.method} ${request.path}`);
}

function change(
  simulation: Simulation,
  shop: SimulatedShop,
  body: Record<string, unknown>,
): Record<string, unknown> {
  const kind = changeKinds.find((name) => name === (body.kind ?? 'mixed'));
  if (kind === undefined) throw new ControlFault(400, `kind must be one of ${changeKinds.join(', ')}`);
  const poison = poisonKinds.find((name) => name === (body.poison ?? 'money_exponent'));
  if (poison === undefined) throw new ControlFault(400, `poison must be one of ${poisonKinds.join(', ')}`);
  const ids = Array.isArray(body.ids) ? body.ids.map(String) : null;
  const count = ids?.length ?? Number(body.count ?? 1);
  if (!Number.isInteger(count) || count < 0 || count > mostChanges)
    throw new ControlFault(400, 'count must be a whole number up to a million');
  const delaySeconds = Number(body.delay_s ?? 30);
  const seed = Number(body.seed ?? shop.seed + shop.orders.version);
  const request = { count, kind, ids, delaySeconds, poison };
  const changed = changeOrders(shop, request, simulation.clock.now(), new RandomSequence(seed));
  return { changed: changed.length, ids: changed, at: simulation.clock.now() };
}

function changeProduct(
  { clock }: Simulation,
  { products }: SimulatedShop,
  { product_id: id, title, status, stock }: Record<string, unknown>,
): Record<string, unknown> {
  const product = products.indexOf(String(id));
  if (product < 0) throw new ControlFault(404, 'There is no such product');
  products.change(
    product,
    {
      ...(typeof title === 'string' ? { title } : {}),
      ...(typeof status === 'string' ? { status } : {}),
      ...(typeof stock === 'number' ? { stock } : {}),
    },
    clock.now(),
  );
  return { product_id: id, title: products.title(product), status: products.status(product) };
}

function changeGrant(
  simulation: Simulation,
  seller: number,
  action: string,
  body: Record<string, unknown>,
): unknown {
  const { grants } = simulation;
  const grant = grants.all.find((entry) => entry.seller === seller);
  if (grant === undefined) throw new ControlFault(404, 'There is no such grant');
  if (action === 'revoke') grants.revoke(grant);
  else if (action === 'expire-access')
    return { expired: grants.expireAccess(grant, Number(body.in_seconds ?? 0)) };
  else if (action === 'kill-refresh') grant.refreshTokens.clear();
  else if (action === 'scopes')
    grant.scopes = Array.isArray(body.scopes) ? body.scopes.map(String) : allScopes;
  else throw new ControlFault(404, 'The actions are revoke, expire-access, kill-refresh and scopes');
  return describeGrant(grant);
}

function describe(shop: SimulatedShop): Record<string, unknown> {
  const hidden = shop.orders.settle();
  return {
    id: shop.id,
    name: shop.name,
    region: shop.region,
    currency: shop.currency,
    utc_offset_hours: shop.offsetHours,
    cipher: shop.cipher,
    seller: shop.seller,
    orders: shop.orders.count,
    hidden,
  };
}

function describeGrant(grant: Simulation['grants']['all'][number]): Record<string, unknown> {
  return {
    seller: grant.seller,
    open_id: grant.openId,
    shops: [...grant.shops],
    scopes: grant.scopes,
    revoked: grant.revoked,
    refresh_tokens: grant.refreshTokens.size,
  };
}

function processUse(): Record<string, number> {
  const { user, system } = process.cpuUsage();
  return {
    rss_mb: Math.round(process.memoryUsage().rss / 1_048_576),
    cpu_ms: Math.round((user + system) / 1000),
  };
}

function findShop(simulation: Simulation, id: string): SimulatedShop {
  const shop = simulation.shops.find((entry) => entry.id === id);
  if (shop === undefined) throw new ControlFault(404, `There is no shop ${id}`);
  return shop;
}

function bodyOf(request: PlatformRequest): Record<string, unknown> {
  if (request.body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'));
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ControlFault(400, 'The body is not a JSON object');
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  });
  response.end(body);
}
