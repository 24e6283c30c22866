import { z } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { ApiDependencies } from '../dependencies.ts';
import { FailureLimit } from '../failure-limit.ts';
import { principalOfKey } from '../middleware/authentication.ts';
import { scopes } from '../principal.ts';
import { RequestError } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { closeSession, openSession, sessionCookie, sessionSeconds } from '../sessions.ts';

const path = '/api/v1/session';
const tag = 'Session';
const session = z
  .strictObject({
    scopes: z.array(z.enum(scopes)),
    shop_ids: z.array(z.string()).nullable().openapi({ description: 'null: every shop' }),
    temporal_ui_url: z.string().nullable(),
    version: z.string(),
  })
  .openapi('Session');

/** Signing a browser in with a key. */
export function addSessionRoutes(tools: RouteTools, { sql, settings }: ApiDependencies): void {
  const failures = new FailureLimit({ most: 10, windowMs: 60_000 });
  const about = { temporal_ui_url: settings.temporalUiUrl, version: settings.version };
  const cookie = {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax' as const,
    secure: settings.publicUrl.startsWith('https:'),
  };

  addRoute(
    tools,
    {
      method: 'post',
      path,
      tag,
      operationId: 'signIn',
      summary: 'Sign a browser in with a key',
      description: 'Sets an HttpOnly session cookie.',
      scope: null,
      idempotent: false,
      body: { schema: z.strictObject({ key: z.string().min(1).max(500) }), required: true },
      responses: { 200: { description: 'Signed in', schema: session } },
      problems: [401, 429],
    },
    async ({ context, body }) => {
      failures.check();
      const principal = await principalOfKey(sql, settings.apiKey, body.key);
      if (principal === null) {
        failures.record();
        throw new RequestError({ status: 401, code: 'key-unknown', message: 'That key is not known here.' });
      }
      const { token } = await openSession(sql, principal, settings.apiKey);
      setCookie(context, sessionCookie, token, { ...cookie, maxAge: sessionSeconds });
      return { status: 200, body: { scopes: principal.scopes, shop_ids: principal.shopIds, ...about } };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag,
      operationId: 'readSession',
      summary: 'Who is signed in, and what the key may do',
      scope: 'read',
      responses: { 200: { description: 'The session', schema: session } },
    },
    async ({ principal }) => ({
      status: 200,
      body: { scopes: principal.scopes, shop_ids: principal.shopIds, ...about },
    }),
  );

  addRoute(
    tools,
    {
      method: 'delete',
      path,
      tag,
      operationId: 'signOut',
      summary: 'Sign the browser out',
      scope: null,
      responses: { 204: { description: 'Signed out' } },
    },
    async ({ context }) => {
      const token = getCookie(context, sessionCookie);
      if (token !== undefined) await closeSession(sql, token, settings.apiKey);
      deleteCookie(context, sessionCookie, cookie);
      return { status: 204 };
    },
  );
}
