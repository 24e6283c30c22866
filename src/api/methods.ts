import type { OpenAPIHono } from '@hono/zod-openapi';
import { TrieRouter } from 'hono/router/trie-router';
import type { ApiEnvironment } from './context.ts';

/**
 * Finds the methods of the routes that fit a path; empty when none does. A route of just this path hides those with a
 * parameter in its place: `/deliveries/replay` is no delivery.
 */
export function createMethodLookup(
  app: OpenAPIHono<ApiEnvironment>,
  withoutHead: ReadonlySet<string>,
): (path: string) => string[] {
  const router = new TrieRouter<{ method: string; pattern: string }>();
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue;
    router.add('ALL', path, { method, pattern: path });
    if (method !== 'GET' || withoutHead.has(path)) continue;
    router.add('ALL', path, { method: 'HEAD', pattern: path });
  }
  return (path) => {
    const fitting = router.match('ALL', path)[0].map(([route]) => route);
    const exact = fitting.filter(({ pattern }) => pattern === path);
    const routes = exact.length > 0 ? exact : fitting;
    return [...new Set(routes.map(({ method }) => method))].sort();
  };
}
