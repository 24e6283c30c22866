import { existsSync, readFileSync } from 'node:fs';
import { z } from '@hono/zod-openapi';
import type { ApiDependencies } from '../dependencies.ts';
import { notFound } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';

export const snippetPath = '/tideline.js';

/** The script for the pages of shops. Pages of any origin may load it: it holds nothing and sends nothing. */
export function addSnippetRoute(tools: RouteTools, { settings }: ApiDependencies): void {
  // Read once: it changes only with the program.
  const script = existsSync(settings.snippetFile) ? readFileSync(settings.snippetFile) : null;
  addRoute(
    tools,
    {
      method: 'get',
      path: snippetPath,
      tag: 'Conversions',
      operationId: 'readSnippet',
      summary: 'The script for the pages of a shop',
      description:
        'It reads click ids and cookies and hands them to the page; docs/conversions.md tells how.',
      scope: null,
      openQuery: true,
      responses: {
        200: { description: 'The script', schema: z.string(), mediaType: 'text/javascript' },
      },
      problems: [404],
    },
    async ({ context }) => {
      if (script === null) throw notFound('script: it has not been built');
      return context.body(new Uint8Array(script), 200, {
        'Content-Type': 'text/javascript; charset=utf-8',
        'Cache-Control': 'public, max-age=3600',
        'Access-Control-Allow-Origin': '*',
      });
    },
  );
}
