import type { MiddlewareHandler } from 'hono';
import type { ApiEnvironment } from '../context.ts';
import { RequestError } from '../problem.ts';

/**
 * Refuses requests that were meant for another host (421: a name that was rebound to this machine) or that a foreign
 * page sends (403). Loopback names pass at every port: no foreign name can be rebound to them.
 */
export function checkOrigin(addresses: {
  publicUrl: string;
  host: string;
  port: number;
  /** Paths that pages of other origins may load. */
  forEveryOrigin: readonly string[];
}): MiddlewareHandler<ApiEnvironment> {
  const publicOrigin = new URL(addresses.publicUrl).origin;
  const hosts = new Set([new URL(addresses.publicUrl).host, hostOf(addresses.host, addresses.port)]);
  return async (context, next) => {
    const host = (context.req.header('host') ?? new URL(context.req.url).host).toLowerCase();
    if (!hosts.has(host) && !isLoopback(host)) {
      throw new RequestError({
        status: 421,
        code: 'wrong-host',
        message: 'This server does not answer for that Host.',
        action: 'Set TIDELINE_PUBLIC_URL to the address that browsers use.',
      });
    }
    if (addresses.forEveryOrigin.includes(context.req.path) && context.req.method === 'GET') return next();
    const origin = context.req.header('origin');
    const isForeign = origin !== undefined && origin !== publicOrigin && !isSameHost(origin, host);
    if (isForeign || isForeignWrite(context.req.method, context.req.header('sec-fetch-site'))) {
      const message = 'The request comes from a page of another origin.';
      throw new RequestError({ status: 403, code: 'foreign-origin', message });
    }
    await next();
  };
}

function hostOf(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 80 ? name : `${name}:${port}`;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(host);
}

/** Browsers tell this by themselves; a link from elsewhere may be followed, but nothing may be sent. */
function isForeignWrite(method: string, site: string | undefined): boolean {
  return site === 'cross-site' && method !== 'GET' && method !== 'HEAD';
}

function isSameHost(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host}` || origin.toLowerCase() === `https://${host}`;
}
