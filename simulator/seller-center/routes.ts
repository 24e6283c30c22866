import { writeDate } from '../analytics/calendar.ts';
import type { Fault } from '../control/faults.ts';
import { isRecord } from '../files/json-facts.ts';
import { page, type Reply } from '../platform/reply.ts';
import type { PlatformRequest } from '../platform/request.ts';
import type { Answered } from '../platform/routes.ts';
import { spoilData } from '../platform/spoil-data.ts';
import type { SimulatedShop } from '../shops.ts';
import type { Simulation } from '../simulation.ts';
import { productPage, readListRequest } from './product-list.ts';
import type { TroubleKind } from './session.ts';
import { type OpenedToken, openXBogus, openXGnarly, type SignedRequest } from './tokens.ts';

const listPath = /^\/api\/(v2|v3)\/insights\/seller\/ttp\/product\/list(\/v2)?$/;
const datesPath = '/api/v2/insights/seller/shop/data/available/date';
const mostSecondsApart = 300;
/** The web application is complete a day later than the API. */
const daysLate = 1;

/**
 * The seller center's own web application, as far as a product list needs it: no signature of the platform, no access
 * token, only the owner's cookie.
 *
 * @returns null when the path is none of its
 */
export function answerSellerCenter(simulation: Simulation, request: PlatformRequest): Answered | null {
  const list = listPath.exec(request.path);
  if (list === null && request.path !== datesPath) return null;
  const route = list === null ? 'seller_center_dates' : 'seller_center_products';
  const sellerId = request.query.get('oec_seller_id');
  const shop = simulation.shops.find(({ sellerCenter }) => sellerCenter.sellerId === sellerId) ?? null;
  const fault = simulation.faults.take(route, shop?.id ?? null);
  const dialect = list?.[1] === 'v3' ? 'v3' : 'v2';
  const reply =
    fault?.kind === 'hang'
      ? null
      : answerOf(simulation, request, shop, list === null ? null : dialect, fault);
  return { route, shop, fault, reply };
}

function answerOf(
  { clock }: Simulation,
  request: PlatformRequest,
  shop: SimulatedShop | null,
  dialect: 'v2' | 'v3' | null,
  fault: Fault | null,
): Reply {
  if (request.method !== 'POST') return { ...page(405, 'Method Not Allowed'), headers: { allow: 'POST' } };
  if (fault?.kind === 'status') return page(fault.httpStatus, '');
  if (fault?.kind === 'html') return page(fault.httpStatus, '<html><body>502 Bad Gateway</body></html>');
  if (fault?.kind === 'code') return said(fault.code, fault.message);
  if (shop === null) return said(98001004, 'invalid params');
  const session = shop.sellerCenter;
  const trouble = session.takeTrouble();
  const early = trouble === null ? null : instead(trouble);
  if (early !== null) return early;
  if (!session.isAlive(request.headers.cookie ?? '', clock.now())) return said(98001002, 'must log in');
  if (session.settings.access !== 'open') {
    const wrong = signatureFault(request, clock.now(), session.settings.access === 'strict');
    if (wrong !== null) return refusedSignature();
  }
  shop.orders.settle();
  const body = parsed(request.body);
  const data = dialect === null ? availableDates(shop, body) : listData(shop, body, dialect, trouble);
  if (data === null) return said(98001004, 'invalid params');
  const reply = said(0, 'success', spoilData(data, fault, request.query));
  return trouble === 'challenge_on_success'
    ? { ...reply, headers: { 'bdturing-verify': '{"type":"verify"}' } }
    : reply;
}

function listData(
  shop: SimulatedShop,
  body: unknown,
  dialect: 'v2' | 'v3',
  trouble: TroubleKind | null,
): Record<string, unknown> | null {
  const asked = readListRequest(body, shop.analytics);
  if (asked === null) return null;
  return productPage(shop, asked, dialect, shop.sellerCenter.settings, trouble === 'shuffle');
}

function availableDates({ analytics }: SimulatedShop, body: unknown): Record<string, unknown> {
  const request = isRecord(body) && isRecord(body.request) ? body.request : {};
  const names: unknown[] = Array.isArray(request.module_names) ? request.module_names : [];
  const date = { available_date: writeDate(analytics.latestAvailable - daysLate) };
  return { module_name_to_available_date_map: Object.fromEntries(names.map((name) => [String(name), date])) };
}

/** The answers that come before anything is looked at. */
function instead(trouble: TroubleKind): Reply | null {
  switch (trouble) {
    case 'expired':
      return said(98001002, 'must log in');
    case 'expired_html':
      return {
        ...page(302, '<html>login</html>'),
        headers: { location: 'https://seller.invalid/account/login' },
      };
    case 'challenge':
      return { ...said(10000, 'verify'), headers: { 'bdturing-verify': '{"type":"verify"}' } };
    case 'silent':
      return said(0, 'success', null);
    case 'gone':
      return page(404, 'No matching route');
    case 'downstream':
      return said(98001021, 'downstream error');
    case 'blocked':
      return said(100000, 'remove the plugin');
    case 'signature_refused':
      return refusedSignature();
    default:
      return null;
  }
}

function refusedSignature(): Reply {
  return { ...said(0, ''), body: '', headers: { tt_orcas_res: '1' } };
}

/** Why the two signatures do not fit the request; `null` where they do. */
function signatureFault(request: PlatformRequest, now: number, strict: boolean): string | null {
  const match = /^(.*)&X-Bogus=([^&]*)&X-Gnarly=([^&]*)$/.exec(request.rawQuery);
  if (match === null) return 'the signatures are not the last two parameters';
  const [, query = '', bogus = '', gnarly = ''] = match;
  const signed: SignedRequest = {
    query,
    body: request.body.toString('utf8'),
    userAgent: request.headers['user-agent'] ?? '',
  };
  const opened: OpenedToken[] = [];
  for (const token of [openXBogus(bogus, signed), openXGnarly(gnarly, signed)]) {
    if (typeof token === 'string') return token;
    if (Math.abs(token.seconds - now) > mostSecondsApart) return 'the clock is wrong';
    opened.push(token);
  }
  const [left, right] = opened;
  const same =
    left?.envcode === right?.envcode && left?.ubcode === right?.ubcode && left?.canvas === right?.canvas;
  return strict && !same ? 'the signatures are of two browsers' : null;
}

function said(code: number, message: string, data: Record<string, unknown> | null = null): Reply {
  const items = data?.items;
  return {
    httpStatus: 200,
    code,
    body: JSON.stringify({ code, message, data }),
    contentType: 'application/json; charset=utf-8',
    headers: {},
    rows: Array.isArray(items) ? items.length : 0,
    throttled: false,
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
