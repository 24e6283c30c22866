import { createHash } from 'node:crypto';
import type { Destination } from '../conversions/destinations.ts';
import type { PlatformOrigins } from '../destinations/destination-kind.ts';
import type { HttpClient } from '../http/request.ts';
import { exchange } from './exchange.ts';

/** A token that ends within this is not worth sending with. */
const spareMs = 60_000;

export type AccessToken =
  | { kind: 'token'; accessToken: string | null }
  | { kind: 'pause' | 'retry'; reason: string };

/** Access tokens of one process: bought once, kept in memory until shortly before they end, never stored. */
export class AccessTokens {
  readonly #http: HttpClient;
  readonly #origins: PlatformOrigins;
  readonly #held = new Map<string, { until: number; token: Promise<AccessToken> }>();

  constructor(http: HttpClient, origins: PlatformOrigins) {
    this.#http = http;
    this.#origins = origins;
  }

  /** The token of a destination; of several who ask at once, one buys it. */
  async of(destination: Destination, signal: AbortSignal): Promise<AccessToken> {
    const { kind, secrets } = destination;
    if (kind.tokens === null) return { kind: 'token', accessToken: null };
    const name = nameOf(destination);
    const held = this.#held.get(name);
    if (held !== undefined && held.until > performance.now()) return held.token;
    const { origin, request, read } = kind.tokens;
    const entry = {
      until: Number.POSITIVE_INFINITY,
      token: Promise.resolve<AccessToken>({ kind: 'retry', reason: '' }),
    };
    entry.token = exchange(this.#http, origin(this.#origins), request(secrets), signal).then((exchanged) => {
      const answer = read(exchanged.kind === 'answer' ? exchanged.answer : null);
      if (answer.kind !== 'token') {
        this.#held.delete(name);
        return answer;
      }
      entry.until = performance.now() + answer.expiresInMs - spareMs;
      return { kind: 'token', accessToken: answer.token };
    });
    this.#held.set(name, entry);
    try {
      return await entry.token;
    } catch (error) {
      this.#held.delete(name);
      throw error;
    }
  }

  /** Forgets a token that the platform no longer takes. */
  forget(destination: Destination): void {
    this.#held.delete(nameOf(destination));
  }
}

/** Other secrets are another token. */
function nameOf({ id, secrets }: Destination): string {
  return `${id} ${createHash('sha256').update(JSON.stringify(secrets)).digest('hex')}`;
}
