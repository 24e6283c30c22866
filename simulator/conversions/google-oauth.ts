import { randomBytes } from 'node:crypto';
import type { Reply } from '../platform/reply.ts';
import type { PlatformRequest } from '../platform/request.ts';
import { type ConversionPlatforms, credentials } from './platforms.ts';
import { type ConversionRoute, jsonReply } from './route.ts';

/** `POST /token`: a refresh token buys an access token (facts, section 3.2). */
export const googleToken: ConversionRoute = {
  name: 'google_token',
  method: 'POST',
  path: /^\/token$/,
  source: () => null,
  answer({ platforms, request }) {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const { client_id, client_secret, refresh_token } = credentials.google_ads;
    if (form.get('grant_type') !== 'refresh_token')
      return jsonReply(400, { error: 'unsupported_grant_type' });
    if (form.get('client_id') !== client_id || form.get('client_secret') !== client_secret)
      return jsonReply(401, { error: 'invalid_client', error_description: 'Unauthorized' });
    if (form.get('refresh_token') !== refresh_token || platforms.tokens.google_ads === 'revoked')
      return jsonReply(400, {
        error: 'invalid_grant',
        error_description: 'Token has been expired or revoked.',
      });
    const token = randomBytes(24).toString('base64url');
    const lifetime = platforms.settings.accessTokenLifetime;
    platforms.accessTokens.set(token, platforms.clock.nowMs() + lifetime * 1_000);
    return jsonReply(200, { access_token: token, expires_in: lifetime, token_type: 'Bearer' });
  },
  failure: ({ kind, httpStatus, error }) =>
    jsonReply(kind === 'throttle' ? 429 : httpStatus === 200 ? 400 : httpStatus, {
      error: error ?? 'temporarily_unavailable',
    }),
};

/** @returns the refusal of a call without a living access token or without permission; null when it may pass */
export function withoutAccess(platforms: ConversionPlatforms, request: PlatformRequest): Reply | null {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const endsAt = platforms.accessTokens.get(token) ?? 0;
  if (endsAt <= platforms.clock.nowMs() || platforms.tokens.google_ads === 'revoked')
    return googleFailure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.', [
      {
        errors: [
          { errorCode: { authenticationError: 'OAUTH_TOKEN_EXPIRED' }, message: 'The token has expired' },
        ],
      },
    ]);
  return platforms.tokens.google_ads === 'no_permission'
    ? googleFailure(403, 'PERMISSION_DENIED', 'The caller does not have permission')
    : null;
}

/** The form of errors of all of Google's APIs. */
export function googleFailure(
  code: number,
  status: string,
  message: string,
  details: readonly unknown[] = [],
): Reply {
  return { ...jsonReply(code, { error: { code, message, status, details } }), code };
}
