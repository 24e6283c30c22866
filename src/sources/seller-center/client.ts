import { randomBytes } from 'node:crypto';
import { HttpError } from '../../http/http-error.ts';
import type { HttpClient, HttpResponse } from '../../http/request.ts';
import { wait } from '../../http/wait.ts';
import { ApiError } from '../tiktok-shop/errors.ts';
import type { CallLog } from '../tiktok-shop/ports.ts';
import { readAnswer } from './classify.ts';
import type { SellerCenterConnection, SignerSettings } from './connection.ts';
import { type ListPage, readListPage } from './list-page.ts';
import { refererOf, requestText } from './request-text.ts';
import type { Signer, SignerResult } from './signers/signer.ts';

export interface SellerCenterClientOptions {
  http: HttpClient;
  callLog: CallLog;
  /** Resolves when the next request of a shop may be sent: one at a time, and never one right after the other. */
  pace(shopId: string, signal: AbortSignal): Promise<void>;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Before the first repetition, milliseconds; the next waits four times as long. */
  retryWaitMs?: number;
}

export interface PageCall {
  shopId: string;
  runId: string | null;
  connection: SellerCenterConnection;
  signer: Signer;
  signerSettings: SignerSettings;
  /** The shop's day, `YYYY-MM-DD`. */
  date: string;
  /** From 0. */
  page: number;
  signal: AbortSignal;
}

export interface SellerCenterClient {
  /**
   * One page of the product list. Outages are tried three times; whatever the owner has to mend is tried once, a
   * human check above all.
   *
   * @throws ApiError that tells who must act; the signal's reason when aborted.
   */
  readPage(call: PageCall): Promise<{ page: ListPage; observedAt: Date }>;
}

const mostTries = 3;
/** An outage that outlasts the tries is left alone for a minute. */
const longWaitMs = 60_000;

export function createSellerCenterClient(options: SellerCenterClientOptions): SellerCenterClient {
  const { http, callLog, pace, now = Date.now, retryWaitMs = 3_000 } = options;

  async function attempt(call: PageCall, number: number): Promise<{ page: ListPage; observedAt: Date }> {
    const { shopId, runId, connection, date, signal } = call;
    const { query, body } = requestText(connection, date, call.page);
    const signed = await signRequest(call, query, body, now());
    await pace(shopId, signal);
    const at = new Date(now());
    const started = performance.now();
    const log = (outcome: string, answer?: HttpResponse, error?: ApiError): void =>
      callLog.record({
        ...{ at, shopId, runId, method: 'POST', path: connection.path, attempt: number, outcome },
        endpointFamily: 'seller-center.products',
        httpStatus: answer?.status ?? null,
        code: error?.upstreamCode ?? null,
        requestId: answer?.headers['x-tt-logid']?.slice(0, 100) ?? null,
        durationMs: Math.round(performance.now() - started),
        responseBytes: answer?.body.length ?? null,
      });
    const suffix = signed.append.map(([name, value]) => `&${name}=${value}`).join('');
    const answer = await http
      .request({
        method: 'POST',
        url: new URL(`${connection.baseUrl}${connection.path}?${query}${suffix}`),
        headers: { ...headersOf(connection, date), ...signed.headers },
        body: Buffer.from(body),
        signal,
      })
      .catch((error: unknown) => {
        if (!(error instanceof HttpError)) throw error;
        log('transient');
        throw unreachable(error);
      });
    try {
      const page = readListPage(readAnswer(answer, now()), call.page);
      log('ok', answer);
      return { page, observedAt: dateOf(answer) ?? at };
    } catch (error) {
      if (error instanceof ApiError) log(error.kind, answer, error);
      throw error;
    }
  }

  return {
    async readPage(call) {
      for (let number = 1; ; number++) {
        try {
          return await attempt(call, number);
        } catch (error) {
          if (!(error instanceof ApiError) || error.actor !== 'retry') throw error;
          if (number >= mostTries) throw exhausted(error);
          await wait(Math.max(error.retryAfterMs ?? 0, retryWaitMs * 4 ** (number - 1)), call.signal);
        }
      }
    },
  };
}

function headersOf(connection: SellerCenterConnection, date: string): Record<string, string> {
  return {
    accept: '*/*',
    'accept-language': connection.locale,
    'content-type': 'application/json',
    origin: new URL(connection.baseUrl).origin,
    referer: refererOf(connection, date),
    'user-agent': connection.userAgent,
    cookie: connection.cookie,
  };
}

/** A signer gets time and chance from here; what it throws is told without its text, which is not ours to show. */
async function signRequest(
  { connection, signer, signerSettings }: PageCall,
  query: string,
  body: string,
  nowMs: number,
): Promise<SignerResult> {
  const { baseUrl, path, userAgent } = connection;
  const texts = { method: 'POST' as const, origin: new URL(baseUrl).origin, path, query, body, userAgent };
  try {
    const result = await signer.sign({ ...texts, nowMs, randomWords, settings: signerSettings });
    if (isSignerResult(result)) return result;
    throw new TypeError('The signer gave no list of pairs.');
  } catch (cause) {
    throw new ApiError({
      kind: 'configuration',
      actor: 'user',
      code: 'seller-center-signature-failed',
      message: `The signer ${signer.id} could not sign the request.`,
      action: 'Check the signer module, or choose the signer none or builtin.',
      cause,
    });
  }
}

/** What would break out of the query or of a header is no signature. */
function isSignerResult(result: SignerResult): boolean {
  const pairs = result.append;
  const isPart = (part: unknown): boolean => typeof part === 'string' && /^[\w\-./%=~]+$/.test(part);
  const headers = Object.entries(result.headers ?? {});
  return (
    Array.isArray(pairs) &&
    pairs.every((pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(isPart)) &&
    headers.every(([name, value]) => /^x-[\w-]+$/i.test(name) && /^[\x20-\x7e]*$/.test(String(value)))
  );
}

function randomWords(count: number): number[] {
  const bytes = randomBytes(count * 4);
  return Array.from({ length: count }, (_, index) => bytes.readUInt32LE(index * 4));
}

function dateOf({ headers }: HttpResponse): Date | null {
  const at = Date.parse(headers.date ?? '');
  return Number.isNaN(at) ? null : new Date(at);
}

function unreachable(cause: HttpError): ApiError {
  return new ApiError({
    kind: 'transient',
    actor: cause.actor,
    code: `seller-center-${cause.kind}`,
    message: cause.message,
    cause,
  });
}

/** Outages may end; an answer that nobody understands three times in a row will not change by itself. */
function exhausted(error: ApiError): ApiError {
  if (error.kind === 'invalid-response' || error.code === 'seller-center-downstream') {
    const action = 'Retry the day later; where it stays, upload the workbook instead.';
    return error.with({ kind: 'invalid-request', actor: 'user', action });
  }
  return error.with({ retryAfterMs: Math.max(error.retryAfterMs ?? 0, longWaitMs) });
}
