import { HttpError } from '../../http/http-error.ts';
import type { HttpClient } from '../../http/request.ts';
import { classifyAnswer, classifyHttpError, quotedBytes } from './classify.ts';
import { isAheadOfAcceptedStamp, type UpstreamClock } from './clock.ts';
import { takesShopCipher } from './endpoints.ts';
import { type DecodeBody, decodeBody, type Envelope } from './envelope.ts';
import { ApiError } from './errors.ts';
import type { CallLog } from './ports.ts';
import { encodeQuery, type QueryValue, sign, stringifyQuery } from './signing.ts';

export interface GatewayOptions {
  /** Origin with an optional prefix, no trailing slash. The prefix is not signed. */
  apiUrl: string;
  appKey: string;
  appSecret: string;
  http: HttpClient;
  clock: UpstreamClock;
  callLog: CallLog;
}

export interface GatewayCall {
  method: string;
  path: string;
  query: Readonly<Record<string, QueryValue>>;
  /** From {@link serializeBody}. */
  body: Buffer | null;
  accessToken: string;
  /** Sent only where the endpoint takes it. */
  shopCipher: string | null;
  decode: DecodeBody | undefined;
  signal: AbortSignal | undefined;
  /** For the call log. */
  shopId: string | null;
  runId: string | null;
  endpointFamily: string | null;
  attempt: number;
}

export interface CallResult {
  /** The envelope's `data`; 64-bit integers are strings. */
  data: unknown;
  requestId: string | null;
  /** Upstream's clock at the answer: its `Date` header, whole seconds, where that can be true. */
  observedAt: Date;
  /** SHA-256 of the body as received, a content encoding undone. */
  responseSha256: Buffer;
  responseBytes: number;
}

/** Sends one signed call, once: stamped and signed now, judged by the error table, written to the call log. */
export type Gateway = (call: GatewayCall) => Promise<CallResult>;

const contentType = 'application/json';

/** @returns a {@link Gateway}; its calls throw ApiError, or the signal's reason when aborted. */
export function createGateway({ apiUrl, appKey, appSecret, http, clock, callLog }: GatewayOptions): Gateway {
  return async (call) => {
    const query = stringifyQuery(call.query);
    query.app_key = appKey;
    query.timestamp = String(Math.floor(clock.upstreamNow() / 1000));
    if (call.shopCipher !== null && takesShopCipher(call.method, call.path))
      query.shop_cipher = call.shopCipher;
    query.sign = sign({ appSecret, path: call.path, query, contentType, body: call.body });

    const sent = { at: new Date(), monotonic: clock.monotonicNow() };
    const record = (answer: LoggedAnswer) =>
      callLog.record({
        at: sent.at,
        shopId: call.shopId,
        runId: call.runId,
        method: call.method,
        path: call.path,
        endpointFamily: call.endpointFamily,
        attempt: call.attempt,
        httpStatus: answer.httpStatus,
        code: answer.envelope?.code ?? null,
        requestId: answer.envelope?.requestId ?? null,
        outcome: answer.outcome,
        durationMs: Math.max(0, Math.round(clock.monotonicNow() - sent.monotonic)),
        responseBytes: answer.bytes,
      });

    try {
      const response = await http.request({
        method: call.method,
        url: new URL(`${apiUrl}${call.path}?${encodeQuery(query)}`),
        headers: { 'content-type': contentType, 'x-tts-access-token': call.accessToken },
        body: call.body,
        signal: call.signal,
      });
      const receivedAt = clock.monotonicNow();
      const bytes = response.body.length;
      // A copy: the decoder takes the body with it.
      const beginning = Buffer.from(response.body.subarray(0, quotedBytes));
      const decode = call.decode ?? decodeBody;
      const { envelope, sha256 } = await decode(response.body);
      const accepted = {
        stampedAt: Number(query.timestamp) * 1_000,
        tookMs: receivedAt - sent.monotonic,
      };
      const isFalse = envelope?.code === 0 && isAheadOfAcceptedStamp(response.headers.date, accepted);
      const date = isFalse ? null : clock.observe(response.headers.date, sent.monotonic, receivedAt);
      const now = clock.upstreamNow();
      const failure = classifyAnswer({
        httpStatus: response.status,
        envelope,
        bytes,
        beginning,
        retryAfter: response.headers['retry-after'],
        now,
      });
      record({
        httpStatus: response.status,
        envelope,
        outcome: failure?.kind ?? 'ok',
        bytes,
      });
      if (failure !== null) throw failure;
      return {
        data: envelope?.data ?? null,
        requestId: envelope?.requestId ?? null,
        observedAt: new Date(date ?? now),
        responseSha256: Buffer.from(sha256),
        responseBytes: bytes,
      };
    } catch (error) {
      if (error instanceof ApiError) throw error;
      const failure = error instanceof HttpError ? classifyHttpError(error) : null;
      record({ httpStatus: null, envelope: null, outcome: failure?.kind ?? 'aborted', bytes: null });
      throw failure ?? error;
    }
  };
}

/**
 * Serializes a body once: the same bytes are signed and sent. An empty object is no body at all, because signers
 * disagree on whether `{}` is signed.
 */
export function serializeBody(body: unknown): Buffer | null {
  if (body === undefined || body === null) return null;
  const text = JSON.stringify(body);
  return text === '{}' ? null : Buffer.from(text, 'utf8');
}

interface LoggedAnswer {
  httpStatus: number | null;
  envelope: Envelope | null;
  outcome: string;
  bytes: number | null;
}
