import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnvironment } from './context.ts';

type Document = ReturnType<OpenAPIHono<ApiEnvironment>['getOpenAPI31Document']>;

const description = `Every order of your TikTok Shops, in your own database.

Send a key as \`Authorization: Bearer KEY\`; the scope that a route needs is named with its security. \`admin\` has all.
Errors are problem documents (RFC 9457). Times are RFC 3339 in UTC, money is a decimal string, intervals are half-open.
\`Idempotency-Key\` is honoured on every POST that names it, for 24 hours.`;

/** The OpenAPI 3.1 document of all routes that were added to `app`. */
export function buildOpenApiDocument(app: OpenAPIHono<ApiEnvironment>, version: string): Document {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Tideline',
      version,
      description,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Sync', description: 'Runs: starting, steering, following' },
      { name: 'Shops', description: 'Connecting shops and their settings' },
      { name: 'Orders', description: 'Stored orders and their sums' },
      { name: 'Exports', description: 'Whole lists as files' },
      { name: 'Conversions', description: 'Events, and what became of them at each destination' },
      { name: 'Webhooks', description: 'What other systems tell us' },
      { name: 'Access', description: 'Keys, sessions, and who did what' },
      { name: 'Operations', description: 'Health and this document' },
    ],
  });
  document.components = {
    ...document.components,
    securitySchemes: {
      apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `tdl_…`' },
      session: { type: 'apiKey', in: 'cookie', name: 'tideline_session' },
    },
  };
  return document;
}
