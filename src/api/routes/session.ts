import { z } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { ApiDependencies } from '../dependencies.ts';
import { FailureLimit } from '../failure-limit.ts';
import { principalOfKey } from '../middleware/authentication.ts';
import type { Principal } from '../principal.ts';
import { RequestError } from '../problem.ts';
import { guesserOf, remoteAddress } from '../remote-address.ts';
import { addRoute, type RouteTools } from '../route.ts';
import {
  closeSession,
  findPrincipalBySession,
  openSession,
  sessionCookie,
  sessionSeconds,
} from '../sessions.ts';
import { session } from './session.schema.ts';

const path = '/api/v1/session';
const tag = 'Access';

/** Signing a browser in with a key. */
export function addSessionRoutes(tools: RouteTools, { sql, settings }: ApiDependencies): void {
  const failures = new FailureLimit({ most: 10, windowMs: 60_000 });
  const describe = ({ keyId, scopes, shopIds }: Principal) => ({
    key_id: keyId,
    scopes,
    shop_ids: shopIds,
    temporal_ui_url: settings.temporalUiUrl,
    version: settings.version,
  });
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
      const guesser = guesserOf(remoteAddress(context));
      // Before the audit log: whoever is made to wait must not fill it.
      failures.check(guesser);
      return tools.audit.follow(context, 'signIn', async () => {
        const principal = await principalOfKey(sql, settings.apiKey, body.key);
        if (principal === null) {
          failures.record(guesser);
          throw new RequestError({
            status: 401,
            code: 'key-unknown',
            message: 'That key is not known here.',
          });
        }
        context.set('principal', principal);
        const { token } = await openSession(sql, principal, settings.apiKey);
        setCookie(context, sessionCookie, token, { ...cookie, maxAge: sessionSeconds });
        return { status: 200, body: describe(principal) };
      });
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
      body: describe(principal),
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
      const principal =
        token === undefined ? null : await findPrincipalBySession(sql, token, settings.apiKey);
      if (token !== undefined && principal !== null) {
        context.set('principal', principal);
        await tools.audit.follow(context, 'signOut', async () => {
          await closeSession(sql, token, settings.apiKey);
          return { status: 204 };
        });
      }
      deleteCookie(context, sessionCookie, cookie);
      return { status: 204 };
    },
  );
}
