import type { MiddlewareHandler } from 'hono';
import type { ApiEnvironment } from '../context.ts';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Swagger UI's style sheet holds its icons as data URLs; pictures of products lie on TikTok's servers, many by name.
  "img-src 'self' data: https:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const yearSeconds = 365 * 24 * 3600;

/** Nothing foreign but pictures is loaded, nothing inline runs, nobody frames the pages; once reached by TLS, always by TLS. */
export function securityHeaders({
  publicUrl,
  forEveryOrigin,
}: {
  publicUrl: string;
  /** Paths that pages of other origins may load. */
  forEveryOrigin: readonly string[];
}): MiddlewareHandler<ApiEnvironment> {
  const headers: Record<string, string> = {
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  if (publicUrl.startsWith('https:')) headers['Strict-Transport-Security'] = `max-age=${yearSeconds}`;
  return async (context, next) => {
    await next();
    // Not by `context.header`, which makes a finished answer anew for each: a tenth of a small request's time.
    const answer = context.res.headers;
    for (const [name, value] of Object.entries(headers)) answer.set(name, value);
    if (forEveryOrigin.includes(context.req.path)) answer.set('Cross-Origin-Resource-Policy', 'cross-origin');
  };
}
