import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import type { ApiEnvironment } from '../context.ts';

/** One line a request: the path without its query, for queries hold codes, searches and buyers. */
export function requestLog(logger: Logger): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const startedAt = performance.now();
    await next();
    const status = context.res.status;
    const level = status >= 500 ? 'error' : context.req.path.startsWith('/health/') ? 'debug' : 'info';
    logger[level](
      {
        request_id: context.get('requestId'),
        method: context.req.method,
        path: context.req.path,
        status,
        duration_ms: Math.round(performance.now() - startedAt),
        key_id: context.get('principal')?.keyId,
      },
      'request',
    );
  };
}
