import type { PlatformAnswer, PlatformRequest } from '../destinations/destination-kind.ts';
import { HttpError } from '../http/http-error.ts';
import type { HttpClient } from '../http/request.ts';

/** What came of sending one request. */
export type Exchanged = { durationMs: number } & (
  | { kind: 'answer'; answer: PlatformAnswer }
  /** It may have arrived, or not. */
  | { kind: 'unknown'; reason: string }
  /** It cannot have arrived. */
  | { kind: 'not-sent'; reason: string }
);

/** What broke before the first byte of a request could be on its way. */
const beforeSending = new Set(['connect', 'dns', 'tls']);

/** Sends a request that is complete with its tokens below an origin. */
export async function exchange(
  http: HttpClient,
  origin: string,
  request: PlatformRequest,
  signal: AbortSignal,
): Promise<Exchanged> {
  const begun = performance.now();
  const duration = () => ({ durationMs: Math.round(performance.now() - begun) });
  try {
    const { status, headers, body } = await http.request({
      method: request.method,
      url: new URL(`${origin}${request.path}`),
      headers: { ...request.headers },
      body: request.body === null ? null : Buffer.from(request.body, 'utf8'),
      signal,
    });
    return { ...duration(), kind: 'answer', answer: { status, headers, body: body.toString('utf8') } };
  } catch (error) {
    if (error instanceof HttpError) {
      const kind = beforeSending.has(error.kind) ? 'not-sent' : 'unknown';
      return { ...duration(), kind, reason: error.message };
    }
    if (signal.aborted)
      return { ...duration(), kind: 'unknown', reason: 'The worker stopped before an answer came' };
    throw error;
  }
}
