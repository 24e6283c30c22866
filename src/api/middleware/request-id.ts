import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnvironment } from '../context.ts';

/** Takes the caller's `X-Request-Id` when it is a plain one, else makes one, and sends it back. */
export const requestId: MiddlewareHandler<ApiEnvironment> = async (context, next) => {
  const given = context.req.header('x-request-id') ?? '';
  const id = /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
  context.set('requestId', id);
  await next();
  context.res.headers.set('X-Request-Id', id);
};
