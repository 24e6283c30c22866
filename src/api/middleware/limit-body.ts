import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiEnvironment } from '../context.ts';
import { RequestError } from '../problem.ts';

/** Whose bodies, should there be any, nothing looks at. */
const readers = new Set(['GET', 'HEAD']);

/**
 * Refuses bodies that are too large. Where the length was announced nothing is read: the server takes no more than
 * that. Hono's own limit, which looks at the body in any case, doubles what a small request costs.
 *
 * @param most bytes
 */
export function limitBody(most: number): MiddlewareHandler<ApiEnvironment> {
  const refuse = (): never => {
    throw new RequestError({
      status: 413,
      code: 'body-too-large',
      message: `The body is larger than ${most / 1024 / 1024} MB.`,
    });
  };
  const limitWhileReading = bodyLimit({ maxSize: most, onError: refuse });
  return async (context, next) => {
    if (readers.has(context.req.method)) return next();
    const announced = context.req.header('content-length');
    if (announced === undefined || context.req.header('transfer-encoding') !== undefined)
      return limitWhileReading(context, next);
    if (Number(announced) > most) refuse();
    return next();
  };
}
