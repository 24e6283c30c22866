import type { OpenAPIHono } from '@hono/zod-openapi';
import { TrieRouter } from 'hono/router/trie-router';
import type { ApiEnvironment } from './context.ts';

/** Finds the methods of the routes that fit a path; empty when none does. */
export function createMethodLookup(app: OpenAPIHono<ApiEnvironment>): (path: string) => string[] {
  const router = new TrieRouter<string>();
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue;
    router.add('ALL', path, method);
    if (method === 'GET') router.add('ALL', path, 'HEAD');
  }
  return (path) => [...new Set(router.match('ALL', path)[0].map(([method]) => method))].sort();
}
