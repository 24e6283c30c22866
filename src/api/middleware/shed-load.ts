import type { MiddlewareHandler } from 'hono';
import type { ApiEnvironment } from '../context.ts';
import { RequestError } from '../problem.ts';

/**
 * Refuses what would only wait: while the database is slow or locked, requests pile up behind a few connections.
 * Streams do not count once they have begun; health checks always get their answer.
 */
export function shedLoad(mostAtOnce: number): MiddlewareHandler<ApiEnvironment> {
  let inFlight = 0;
  return async (context, next) => {
    if (context.req.path.startsWith('/health/')) return next();
    if (inFlight >= mostAtOnce) {
      throw new RequestError({
        status: 503,
        code: 'too-busy',
        message: 'Too many requests are waiting for an answer. Try again in a moment.',
      });
    }
    inFlight += 1;
    try {
      await next();
    } finally {
      inFlight -= 1;
    }
  };
}
