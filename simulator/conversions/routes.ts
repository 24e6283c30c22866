import type { Fault, RouteName } from '../control/faults.ts';
import { page, type Reply, refusal } from '../platform/reply.ts';
import type { PlatformRequest } from '../platform/request.ts';
import type { Answered } from '../platform/routes.ts';
import type { Simulation } from '../simulation.ts';
import { type ConversionPlatforms, credentials } from './platforms.ts';
import { trackTikTokEvents } from './tiktok.ts';

/** One call of a platform: where it is, whose it is, and what is answered on good days and on bad ones. */
interface ConversionRoute {
  name: RouteName;
  method: 'GET' | 'POST';
  path: RegExp;
  /** The event source by which faults are narrowed, as far as the address or the body names it. */
  source(request: PlatformRequest, match: RegExpExecArray): string | null;
  answer(
    platforms: ConversionPlatforms,
    request: PlatformRequest,
    match: RegExpExecArray,
    fault: Fault | null,
  ): Reply;
  /** The platform's own form of the error that a fault of kind `code`, `status` or `throttle` asks for. */
  failure(fault: Fault, nowMs: number): Reply;
}

const routes: readonly ConversionRoute[] = [
  {
    name: 'tiktok_events',
    method: 'POST',
    path: /^\/open_api\/v1\.3\/event\/track\/$/,
    source: (request) => bodySource(request, credentials.tiktok.pixel_ids),
    answer: (platforms, request, _, fault) => trackTikTokEvents(platforms, request, fault),
    failure: (fault, nowMs) =>
      fault.kind === 'throttle'
        ? { ...refusal(200, 40100, 'Too many requests', nowMs), throttled: true }
        : refusal(fault.httpStatus, fault.kind === 'code' ? fault.code : 50000, fault.message, nowMs),
  },
];

/** @returns what becomes of a call to one of the platforms; null when its path is none of theirs */
export function answerConversions(simulation: Simulation, request: PlatformRequest): Answered | null {
  for (const route of routes) {
    const match = route.path.exec(request.path);
    if (match === null) continue;
    const nowMs = simulation.clock.nowMs();
    if (request.method !== route.method) {
      const reply = { ...refusal(405, 40000, 'Method not allowed', nowMs), headers: { allow: route.method } };
      return { route: route.name, shop: null, fault: null, reply };
    }
    const fault = simulation.faults.take(route.name, route.source(request, match));
    return { route: route.name, shop: null, fault, reply: reply(simulation, route, request, match, fault) };
  }
  return null;
}

function reply(
  { conversions, clock }: Simulation,
  route: ConversionRoute,
  request: PlatformRequest,
  match: RegExpExecArray,
  fault: Fault | null,
): Reply | null {
  switch (fault?.kind) {
    case 'hang':
      return null;
    case 'hang_after':
      route.answer(conversions, request, match, fault);
      return null;
    case 'html':
      return gatewayPage(fault);
    case 'html_after':
      route.answer(conversions, request, match, fault);
      return gatewayPage(fault);
    case 'reset':
      return refusal(503, 0, 'reset', clock.nowMs());
    case 'status':
    case 'code':
    case 'throttle': {
      const failed = route.failure(fault, clock.nowMs());
      return fault.retryAfter === null
        ? failed
        : { ...failed, headers: { ...failed.headers, 'retry-after': fault.retryAfter } };
    }
    default:
      return route.answer(conversions, request, match, fault);
  }
}

function gatewayPage({ httpStatus }: Fault): Reply {
  const title = '502 Bad Gateway';
  return page(
    httpStatus,
    `<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>nginx</center></body></html>`,
  );
}

/** Faults are looked up before the body is read: the first of the known sources that it names. */
function bodySource(request: PlatformRequest, known: readonly string[]): string | null {
  const head = request.body.subarray(0, 300).toString('latin1');
  return known.find((source) => head.includes(source)) ?? null;
}
