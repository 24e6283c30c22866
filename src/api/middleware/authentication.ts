import { getCookie } from 'hono/cookie';
import type { Sql } from '../../db/pool.ts';
import type { ApiContext } from '../context.ts';
import { findPrincipalByKey, sameSecret } from '../keys.ts';
import { environmentPrincipal, type Principal } from '../principal.ts';
import { RequestError } from '../problem.ts';
import { findPrincipalBySession, sessionCookie } from '../sessions.ts';

/** Tells who asks: by bearer key, else by session cookie. Throws 401 for nobody. */
export function createAuthenticator(
  sql: Sql,
  environmentKey: string | null,
): (context: ApiContext) => Promise<Principal> {
  return async (context) => {
    const principal = await identify(sql, environmentKey, context);
    if (principal === null) throw notSignedIn();
    context.set('principal', principal);
    return principal;
  };
}

/** The principal of a key as typed or sent; null for an unknown one. */
export async function principalOfKey(
  sql: Sql,
  environmentKey: string | null,
  key: string,
): Promise<Principal | null> {
  if (environmentKey !== null && sameSecret(key, environmentKey)) return environmentPrincipal;
  return findPrincipalByKey(sql, key);
}

async function identify(
  sql: Sql,
  environmentKey: string | null,
  context: ApiContext,
): Promise<Principal | null> {
  const header = context.req.header('authorization');
  if (header !== undefined) {
    const key = /^bearer +(.+)$/i.exec(header.trim())?.[1];
    return key === undefined ? null : principalOfKey(sql, environmentKey, key);
  }
  const token = getCookie(context, sessionCookie);
  return token === undefined ? null : findPrincipalBySession(sql, token, environmentKey);
}

function notSignedIn(): RequestError {
  return new RequestError({
    status: 401,
    code: 'not-signed-in',
    message: 'The API key is missing or unknown.',
    action: 'Send it as "Authorization: Bearer KEY", or sign in on the dashboard.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}
