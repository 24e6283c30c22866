import type { Fault } from '../control/faults.ts';
import { page, type Reply, refusal } from '../platform/reply.ts';
import type { PlatformRequest } from '../platform/request.ts';
import type { Answered } from '../platform/routes.ts';
import type { Simulation } from '../simulation.ts';
import { acuityAppointment } from './acuity.ts';
import { googleIngest, googleStatus } from './google-data-manager.ts';
import { googleToken } from './google-oauth.ts';
import { googleUpload } from './google-upload.ts';
import { metaEvents } from './meta.ts';
import type { ConversionRoute } from './route.ts';
import { tiktokEvents } from './tiktok.ts';

const routes: readonly ConversionRoute[] = [
  tiktokEvents,
  metaEvents,
  googleIngest,
  googleStatus,
  googleUpload,
  googleToken,
  acuityAppointment,
];

/** @returns what becomes of a call to one of the platforms; null when its path is none of theirs */
export function answerConversions(simulation: Simulation, request: PlatformRequest): Answered | null {
  for (const route of routes) {
    const match = route.path.exec(request.path);
    if (match === null) continue;
    const parts = match.slice(1);
    if (request.method !== route.method) {
      const notAllowed = refusal(405, 40000, 'Method not allowed', simulation.clock.nowMs());
      const reply = { ...notAllowed, headers: { allow: route.method } };
      return { route: route.name, shop: null, fault: null, reply };
    }
    const fault = simulation.faults.take(route.name, route.source(request, parts));
    return { route: route.name, shop: null, fault, reply: reply(simulation, route, request, parts, fault) };
  }
  return null;
}

function reply(
  { conversions: platforms, clock }: Simulation,
  route: ConversionRoute,
  request: PlatformRequest,
  parts: readonly string[],
  fault: Fault | null,
): Reply | null {
  const answer = (): Reply => route.answer({ platforms, request, parts, fault });
  switch (fault?.kind) {
    case 'hang':
      return null;
    case 'hang_after':
      answer();
      return null;
    case 'html':
      return gatewayPage(fault);
    case 'html_after':
      answer();
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
      return answer();
  }
}

function gatewayPage({ httpStatus }: Fault): Reply {
  const title = '502 Bad Gateway';
  return page(
    httpStatus,
    `<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>nginx</center></body></html>`,
  );
}
