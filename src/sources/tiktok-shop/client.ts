import type { HttpClient } from '../../http/request.ts';
import { wait } from '../../http/wait.ts';
import { backoffMs, longestInlineWaitMs, maxRetries } from './backoff.ts';
import type { UpstreamClock } from './clock.ts';
import type { DecodeBody } from './envelope.ts';
import { ApiError } from './errors.ts';
import { type CallResult, createGateway, serializeBody } from './gateway.ts';
import type { BudgetedCall, BudgetLane, CallOutcome, ClientPorts } from './ports.ts';
import type { QueryValue } from './signing.ts';

export type { CallResult } from './gateway.ts';

export interface TikTokShopClientOptions {
  /** Origin with an optional prefix, no trailing slash. */
  apiUrl: string;
  appKey: string;
  appSecret: string;
  ports: ClientPorts;
  http: HttpClient;
  /** Shared with the access provider and the token calls. */
  clock: UpstreamClock;
  /** In [0, 1); for tests. */
  random?: () => number;
}

export interface ShopCall {
  shopId: string;
  runId: string | null;
  /** See `endpoints`: the budget counts each family by itself. */
  endpointFamily: string;
  /** What it is for: calls that a person or a buyer waits for go first. */
  lane: BudgetLane;
  method: string;
  path: string;
  query?: Readonly<Record<string, QueryValue>>;
  /** Serialized once; leave it out where there is nothing to say. */
  body?: unknown;
  /** Reads the answer's body elsewhere than on this thread. */
  decode?: DecodeBody | undefined;
  signal?: AbortSignal | undefined;
}

export interface TikTokShopClient {
  /**
   * One call for a shop: waits for the budget, signs, sends, and repeats what a repetition can mend within seconds.
   *
   * @throws ApiError that tells who must act; with `retryAfterMs` when the wait is too long to sit out here. The
   * signal's reason when aborted.
   */
  call(call: ShopCall): Promise<CallResult>;
}

const hourMs = 3_600_000;

/** The only way in which the engine reads from TikTok Shop. */
export function createTikTokShopClient(options: TikTokShopClientOptions): TikTokShopClient {
  const { access, budget, callLog } = options.ports;
  const random = options.random ?? Math.random;
  const send = createGateway({ ...options, callLog });

  /** A failure of the call comes back as a value; whatever else goes wrong is thrown on. The budget learns of both. */
  async function reported(call: BudgetedCall, sending: Promise<CallResult>): Promise<CallResult | ApiError> {
    const started = performance.now();
    let outcome: CallOutcome = { kind: 'abandoned' };
    try {
      const result = await sending;
      outcome = { kind: 'answered', latencyMs: performance.now() - started };
      return result;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outcome = outcomeOf(error, performance.now() - started);
      return error;
    } finally {
      await budget.report(call, outcome);
    }
  }

  return {
    async call({ shopId, runId, endpointFamily, lane, method, path, query = {}, body, decode, signal }) {
      const bytes = serializeBody(body);
      const budgeted = { shopId, endpointFamily, lane };
      let retries = 0;
      let refreshed = false;
      let clockLearned = false;

      for (let attempt = 1; ; attempt++) {
        const { accessToken, shopCipher, tokenVersion } = await access.get(shopId);
        await budget.acquire(budgeted, signal);
        const call = { method, path, query, body: bytes, accessToken, shopCipher, decode, signal };
        const sending = send({ ...call, shopId, runId, endpointFamily, attempt });
        const outcome = await reported(budgeted, sending);
        if (!(outcome instanceof ApiError)) return outcome;

        switch (outcome.kind) {
          case 'token-expired':
            if (refreshed) throw refusedAfterRefresh(outcome);
            refreshed = true;
            await access.refresh(shopId, tokenVersion);
            break;
          case 'clock':
            // The answer's Date header has set the clock already: the next attempt is stamped by it.
            if (clockLearned) throw outcome;
            clockLearned = true;
            break;
          case 'rate-limited':
            // The budget says how long everybody waits, or that it is too long to wait here.
            if (retries >= maxRetries) throw outcome;
            retries++;
            break;
          case 'transient':
          case 'invalid-response': {
            const waitMs = backoffMs(retries, outcome.retryAfterMs, random());
            if (outcome.code === 'answer-too-large') throw outcome;
            if (retries >= maxRetries || waitMs > longestInlineWaitMs) {
              throw outcome.with({ retryAfterMs: waitMs });
            }
            retries++;
            await wait(waitMs, signal);
            break;
          }
          default:
            throw outcome;
        }
      }
    },
  };
}

function outcomeOf(error: ApiError, latencyMs: number): CallOutcome {
  const { kind, retryAfterMs } = error;
  if (kind === 'rate-limited') return { kind: 'throttled', latencyMs, retryAfterMs };
  if (kind === 'quota-exhausted') return { kind, retryAfterMs: retryAfterMs ?? hourMs };
  return kind === 'transient' ? { kind: 'failed' } : { kind: 'answered', latencyMs };
}

function refusedAfterRefresh(error: ApiError): ApiError {
  return error.with({
    kind: 'disconnected',
    code: 'authorization-refused',
    message: `TikTok Shop refuses a fresh access token: ${error.message}`,
    action: 'Connect the shop again, so that its seller renews the authorization.',
  });
}
