import type { RouteName } from '../control/faults.ts';
import type { SimulatedShop } from '../shops.ts';
import type { Simulation } from '../simulation.ts';
import type { Grant } from './grants.ts';
import { type Reply, refusal } from './reply.ts';
import type { PlatformRequest } from './request.ts';
import { signatureIsValid } from './signature.ts';

export interface Admission {
  grant: Grant;
  /** `null` on routes that take no cipher. */
  shop: SimulatedShop | null;
}

export interface RouteRules {
  route: RouteName;
  takesCipher: boolean;
  scope: string;
}

/**
 * The gateway's checks in the order that facts section 2 suggests: app key, timestamp, signature, token, its age, scope,
 * cipher, rate. Either the call is admitted or this is the refusal.
 */
export function admit(
  simulation: Simulation,
  request: PlatformRequest,
  rules: RouteRules,
): Admission | Reply {
  const { options, clock } = simulation;
  const nowMs = clock.nowMs();
  const no = (httpStatus: number, code: number, message: string): Reply =>
    refusal(httpStatus, code, message, nowMs);
  const query = request.query;
  if (query.get('app_key') !== options.appKey) return no(400, 36009004, 'Invalid app_key');
  const stamp = timestampFault(query.get('timestamp'), clock.now());
  if (stamp !== null) return no(400, 36009004, stamp);
  const sign = query.get('sign');
  if (!sign) return no(400, 36009004, 'Missing credentials: the request carries no signature');
  if (!signatureIsValid(request, sign, options.appSecret, options.lenientSignature)) {
    return no(401, 106001, 'Signature verification failed');
  }
  const header = request.headers['x-tts-access-token'];
  const token = typeof header === 'string' ? header : '';
  const access = token === '' ? null : simulation.grants.find(token);
  if (access === null) return no(401, 36009004, 'x-tts-access-token header is invalid');
  if (access.expiresAt <= clock.now())
    return no(options.expiredTokenStatus, 105002, 'Expired credentials: the access token has expired');
  if (!access.grant.scopes.includes(rules.scope))
    return no(401, 105005, `Access denied: the scope ${rules.scope} is missing`);
  const cipher = query.get('shop_cipher');
  let shop: SimulatedShop | null = null;
  if (!rules.takesCipher) {
    if (cipher !== undefined) return no(400, 36009004, 'Unexpected identifier: shop_cipher is not required');
  } else {
    if (!cipher) return no(400, 106013, 'shop_cipher is missing');
    shop = simulation.byCipher.get(cipher) ?? null;
    if (shop === null) return no(400, 36009004, 'Invalid shop_cipher: shop_id is invalid');
    if (!access.grant.shops.has(shop.id))
      return no(401, 101000, 'The access token does not match shop_cipher');
  }
  if (shop?.analytics.settings.withheldScopes.includes(rules.scope))
    return no(401, 105005, `Access denied: the shop has no ${rules.scope}`);
  const wait = simulation.limits.take(options.appKey, shop?.id ?? '', rules.route);
  if (wait > 0) return throttled(simulation, 36009002, 'Too many requests', wait, options.throttleInBody);
  if (shop !== null && simulation.limits.overQuota(shop.id, clock.now())) {
    return throttled(
      simulation,
      36009037,
      'The hourly quota of this development shop is used up',
      3600 - (clock.now() % 3600),
      false,
    );
  }
  return { grant: access.grant, shop };
}

/** The refusal of a call that came too soon. */
export function throttled(
  simulation: Simulation,
  code: number,
  message: string,
  waitSeconds: number,
  inBody: boolean,
): Reply {
  const { options, clock } = simulation;
  const reply = { ...refusal(inBody ? 200 : 429, code, message, clock.nowMs()), throttled: true };
  if (inBody || options.retryAfter === 'none') return reply;
  const seconds = Math.max(1, Math.ceil(waitSeconds));
  const value =
    options.retryAfter === 'seconds'
      ? String(seconds)
      : new Date(clock.nowMs() + seconds * 1000).toUTCString();
  return { ...reply, headers: { 'retry-after': value } };
}

/** Accepted from five minutes before to thirty seconds after the platform's time (facts, section 2). */
function timestampFault(text: string | undefined, now: number): string | null {
  if (text === undefined || !/^-?\d+$/.test(text)) return 'Invalid timestamp: it is missing or not a number';
  const stamp = Number(text);
  if (stamp < 0) return 'Invalid timestamp: lesser than 0';
  if (stamp < now - 300) return 'Invalid timestamp: earlier than 5 minutes';
  if (stamp > now + 30) return 'Invalid timestamp: more than 30 seconds ahead';
  return null;
}
