import type { z } from 'zod';
import { HttpError } from '../../http/http-error.ts';
import type { HttpClient } from '../../http/request.ts';
import { wait } from '../../http/wait.ts';
import { type AuthorizedShop, authorizedShopsSchema, type TokenGrant, tokenSchema } from './auth-schemas.ts';
import { backoffMs } from './backoff.ts';
import { classifyAnswer, classifyHttpError, quotedBytes } from './classify.ts';
import type { UpstreamClock } from './clock.ts';
import { endpoints } from './endpoints.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import { ApiError } from './errors.ts';
import { createGateway } from './gateway.ts';
import type { CallLog } from './ports.ts';
import { encodeQuery } from './signing.ts';

export interface AuthClientOptions {
  appKey: string;
  appSecret: string;
  /** Origin of the token calls, with an optional prefix. */
  authUrl: string;
  /** Origin of the signed calls, with an optional prefix. */
  apiUrl: string;
  http: HttpClient;
  clock: UpstreamClock;
  callLog: CallLog;
}

export interface AuthClient {
  /** Exchanges the single-use code of a consent. Throws ApiError; a refused code has the actor `user`. */
  exchangeCode(code: string): Promise<TokenGrant>;
  /** A new pair for a grant. Throws ApiError of kind `disconnected` when TikTok says that the grant is dead. */
  refresh(refreshToken: string): Promise<TokenGrant>;
  /** Every shop that the grant opens, with its cipher. Throws ApiError. */
  authorizedShops(accessToken: string): Promise<AuthorizedShop[]>;
}

const authorizedShopsTries = 3;

/**
 * The calls around a grant. Token calls are unsigned GETs with secrets in the query, so their URL appears in no
 * error and no log (TikTok Shop Partner Center, "Authorization overview").
 */
export function createAuthClient(options: AuthClientOptions): AuthClient {
  const { appKey, appSecret } = options;
  const send = createGateway(options);

  return {
    async exchangeCode(code) {
      const query = {
        app_key: appKey,
        app_secret: appSecret,
        auth_code: code,
        grant_type: 'authorized_code',
      };
      return tokenCall(options, '/api/v2/token/get', query, refuseCode);
    },
    async refresh(refreshToken) {
      const query = {
        app_key: appKey,
        app_secret: appSecret,
        refresh_token: refreshToken,
        grant_type: 'refresh_token',
      };
      return tokenCall(options, '/api/v2/token/refresh', query, refuseRefresh);
    },
    async authorizedShops(accessToken) {
      const { method, path, family: endpointFamily } = endpoints.authorizedShops;
      for (let attempt = 1; ; attempt++) {
        try {
          const call = {
            method,
            path,
            endpointFamily,
            query: {},
            body: null,
            accessToken,
            shopCipher: null,
            signal: undefined,
          };
          const answer = await send({ ...call, decode: undefined, shopId: null, runId: null, attempt });
          return checked(authorizedShopsSchema, answer.data, answer.requestId).shops;
        } catch (error) {
          const mendable =
            error instanceof ApiError && ['transient', 'rate-limited', 'clock'].includes(error.kind);
          if (!mendable || attempt >= authorizedShopsTries) throw error;
          if (error.kind !== 'clock') await wait(backoffMs(0, null, Math.random()));
        }
      }
    },
  };
}

/** Where the seller's browser is sent. There is no redirect address in it: Partner Center holds that. */
export function buildAuthorizeUrl(authorizeUrl: string, serviceId: string, state: string): string {
  return `${authorizeUrl}/open/authorize?${encodeQuery({ service_id: serviceId, state })}`;
}

async function tokenCall(
  { authUrl, http, clock, callLog }: AuthClientOptions,
  path: string,
  query: Record<string, string>,
  refuse: (error: ApiError) => ApiError,
): Promise<TokenGrant> {
  const sent = { at: new Date(), monotonic: clock.monotonicNow() };
  const record = (
    httpStatus: number | null,
    envelope: Envelope | null,
    outcome: string,
    bytes: number | null,
  ) =>
    callLog.record({
      at: sent.at,
      shopId: null,
      runId: null,
      method: 'GET',
      path,
      endpointFamily: null,
      attempt: 1,
      httpStatus,
      code: envelope?.code ?? null,
      requestId: envelope?.requestId ?? null,
      outcome,
      durationMs: Math.max(0, Math.round(clock.monotonicNow() - sent.monotonic)),
      responseBytes: bytes,
    });

  try {
    const response = await http.request({
      method: 'GET',
      url: new URL(`${authUrl}${path}?${encodeQuery(query)}`),
    });
    const envelope = parseEnvelope(response.body);
    const judged = classifyAnswer({
      httpStatus: response.status,
      envelope,
      bytes: response.body.length,
      beginning: response.body.subarray(0, quotedBytes),
      retryAfter: response.headers['retry-after'],
      now: clock.upstreamNow(),
    });
    const failure = judged !== null && envelope !== null && envelope.code !== 0 ? refuse(judged) : judged;
    record(response.status, envelope, failure?.kind ?? 'ok', response.body.length);
    if (failure !== null) throw failure;
    return checked(tokenSchema, envelope?.data, envelope?.requestId ?? null);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const failure = classifyHttpError(error);
    record(null, null, failure.kind, null);
    throw failure;
  }
}

/**
 * TikTok publishes no list of refresh errors: whatever TikTok itself says against a refresh token ends the grant,
 * but for overload and inner errors, and for a wrong app key or address, which are not the seller's business.
 */
function refuseRefresh(error: ApiError): ApiError {
  if (['transient', 'rate-limited', 'quota-exhausted', 'configuration'].includes(error.kind)) return error;
  if (/app_?(?:key|secret)/i.test(error.message) || error.code === 'unknown-endpoint')
    return misconfigured(error);
  return error.with({
    kind: 'disconnected',
    code: 'grant-revoked',
    message: `TikTok Shop no longer accepts the shop's authorization: ${error.message}`,
    action: 'Connect the shop again, so that its seller renews the authorization.',
  });
}

function refuseCode(error: ApiError): ApiError {
  if (error.code === 'authorization-code-refused') return error.with({ actor: 'user' });
  return /app_?(?:key|secret)/i.test(error.message) ? misconfigured(error) : error;
}

function misconfigured(error: ApiError): ApiError {
  return error.with({
    kind: 'configuration',
    code: 'app-credentials-refused',
    action: 'Check TIKTOK_SHOP_APP_KEY, TIKTOK_SHOP_APP_SECRET and TIKTOK_SHOP_AUTH_URL.',
  });
}

/** Names the fields that do not fit, never their values. */
function checked<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  requestId: string | null,
): z.infer<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const paths = [...new Set(result.error.issues.map((issue) => issue.path.join('.') || 'data'))].join(', ');
  throw new ApiError({
    kind: 'invalid-response',
    code: 'unreadable-answer',
    message: `The answer is not what TikTok Shop documents: ${paths}.`,
    action: 'Try again; if it happens again, report it with the request id.',
    requestId,
  });
}
