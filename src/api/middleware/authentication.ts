import { createHash } from 'node:crypto';
import { getCookie } from 'hono/cookie';
import type { Sql } from '../../db/pool.ts';
import type { AuditTrail } from '../audit-trail.ts';
import type { ApiContext } from '../context.ts';
import { FailureLimit } from '../failure-limit.ts';
import { findPrincipalByKey, isWellFormed, sameSecret } from '../keys.ts';
import { environmentPrincipal, type Principal } from '../principal.ts';
import { RequestError } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';
import { guesserOf, remoteAddress } from '../remote-address.ts';
import { findPrincipalBySession, sessionCookie } from '../sessions.ts';

/** A key of the environment of this length is taken for random: nobody guesses it. */
const unguessableLength = 32;

export interface AuthenticatorOptions {
  sql: Sql;
  environmentKey: string | null;
  /** Of one key, its sessions included. */
  requestsPerSecond: number;
  audit: AuditTrail;
}

/**
 * Tells who asks: by bearer key, else by session cookie. Throws 401 for nobody, and 429 for a key that asks too often
 * and for an address that tries one wrong key after the other. There a right key still opens, for it cannot be
 * guessed, and whoever shares the guesser's address (behind one proxy everybody does) must not be shut out; only a
 * short key of the environment waits.
 */
export function createAuthenticator(
  options: AuthenticatorOptions,
): (context: ApiContext) => Promise<Principal> {
  const { sql, environmentKey, audit } = options;
  const wrongKeys = new FailureLimit({ most: 50, windowMs: 60_000 });
  const rate = new RateLimit(options.requestsPerSecond);

  const principalOfBearer = async (context: ApiContext, key: string): Promise<Principal> => {
    const guesser = guesserOf(remoteAddress(context));
    const mayBeGuessed = (environmentKey?.length ?? 0) < unguessableLength;
    const known = mayBeGuessed && wrongKeys.isReached(guesser) ? null : environmentKey;
    const principal = await principalOfKey(sql, known, key);
    if (principal !== null) return principal;
    wrongKeys.check(guesser);
    const tried = createHash('sha256').update(key).digest('base64url');
    if (wrongKeys.record(guesser, tried)) await audit.refused(context, 'authenticate', 401);
    throw notSignedIn();
  };

  return async (context) => {
    const credential = readCredential(context);
    if (credential === null) throw notSignedIn();
    const principal =
      credential.kind === 'key'
        ? await principalOfBearer(context, credential.secret)
        : await findPrincipalBySession(sql, credential.secret, environmentKey);
    if (principal === null) throw notSignedIn();
    rate.take(principal.keyId ?? 'environment');
    context.set('principal', principal);
    context.set('credential', credential.secret);
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
  return isWellFormed(key) ? findPrincipalByKey(sql, key) : null;
}

function readCredential(context: ApiContext): { kind: 'key' | 'session'; secret: string } | null {
  const header = context.req.header('authorization');
  if (header !== undefined) {
    const secret = /^bearer +(.+)$/i.exec(header.trim())?.[1];
    return secret === undefined ? null : { kind: 'key', secret };
  }
  const secret = getCookie(context, sessionCookie);
  return secret === undefined ? null : { kind: 'session', secret };
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
