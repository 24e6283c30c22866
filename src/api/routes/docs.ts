import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from '@hono/zod-openapi';
import { buildOpenApiDocument } from '../openapi.ts';
import { notFound } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { shortText } from './common.schema.ts';

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const assets: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tideline API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

// No validator badge: it would load a picture from a foreign host.
const start = `window.ui = SwaggerUIBundle({
  url: new URL('openapi.json', document.baseURI).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});
`;

/** The OpenAPI document and its page, served from this package alone. */
export function addDocsRoutes(tools: RouteTools, version: string): void {
  addRoute(
    tools,
    {
      method: 'get',
      path: '/openapi.json',
      tag: 'Operations',
      operationId: 'readOpenApi',
      summary: 'This document',
      scope: 'read',
      responses: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
    },
    async () => ({ status: 200, body: buildOpenApiDocument(tools.app, version) }),
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/docs',
      tag: 'Operations',
      operationId: 'readDocs',
      summary: 'This document as a page',
      scope: 'read',
      responses: { 200: { description: 'The page', schema: z.string(), mediaType: 'text/html' } },
    },
    async ({ context }) => context.html(html),
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/docs/{file}',
      tag: 'Operations',
      operationId: 'readDocsFile',
      summary: 'A file of that page',
      scope: 'read',
      params: z.object({ file: shortText.openapi({ example: 'swagger-ui.css' }) }),
      responses: { 200: { description: 'The file', schema: z.string(), mediaType: '*/*' } },
      problems: [404],
    },
    async ({ context, params }) => {
      const { file } = params;
      if (file === 'start.js')
        return context.body(start, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
      const type = Object.hasOwn(assets, file) ? assets[file] : undefined;
      if (type === undefined) throw notFound('file');
      const bytes = new Uint8Array(readFileSync(join(swaggerUi, file)));
      return context.body(bytes, 200, { 'Content-Type': type, 'Cache-Control': 'private, max-age=3600' });
    },
  );
}
