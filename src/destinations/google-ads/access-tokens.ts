import { jsonObjectOf, textOf } from '../answers.ts';
import type { TokenExchange } from '../destination-kind.ts';
import type { GoogleAdsSecrets } from './settings.ts';

const hopeless = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client', 'invalid_scope']);

/** `POST /token`, "Using OAuth 2.0 for Web Server Applications": a refresh token becomes an access token of an hour. */
export const tokens: TokenExchange<GoogleAdsSecrets> = {
  origin: ({ googleOauth }) => googleOauth,

  request: ({ client_id, client_secret, refresh_token }) => ({
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id,
      client_secret,
      refresh_token,
    }).toString(),
  }),

  read(answer) {
    const body = answer === null ? null : jsonObjectOf(answer);
    if (answer === null || body === null)
      return { kind: 'retry', reason: 'Google gave no access token: no whole answer came' };
    const token = textOf(body.access_token);
    if (answer.status === 200 && token !== null) {
      const seconds = typeof body.expires_in === 'number' && body.expires_in > 0 ? body.expires_in : 3_600;
      return { kind: 'token', token, expiresInMs: seconds * 1_000 };
    }
    const error = textOf(body.error) ?? '';
    return hopeless.has(error)
      ? {
          kind: 'pause',
          reason: `Google gave no access token: ${error}. Grant access once more, set the new credentials, then resume.`,
        }
      : { kind: 'retry', reason: `Google gave no access token: HTTP ${answer.status}` };
  },
};
