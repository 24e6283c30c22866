import { RequestError } from './problem.ts';

interface Bucket {
  tokens: number;
  refilledAt: number;
}

/** Full buckets say nothing; they are forgotten when there are more than this. */
const mostBuckets = 10_000;

/** A token bucket for each key: `perSecond` requests on and on, twice as many at once. Held by this process alone. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes a token. Throws 429 when there is none. */
  take(owner: string, now: number = performance.now()): void {
    const { tokens } = this.#refill(owner, now);
    if (tokens < 1) {
      const seconds = Math.max(1, Math.ceil((1 - tokens) / this.#perSecond));
      throw new RequestError({
        status: 429,
        code: 'too-many-requests',
        message: `This key may send ${this.#perSecond} requests a second.`,
        headers: { 'Retry-After': String(seconds) },
      });
    }
    this.#buckets.set(owner, { tokens: tokens - 1, refilledAt: now });
    if (this.#buckets.size > mostBuckets) this.#forgetFull(now);
  }

  get #size(): number {
    return Math.max(1, this.#perSecond * 2);
  }

  #refill(owner: string, now: number): Bucket {
    const bucket = this.#buckets.get(owner);
    if (bucket === undefined) return { tokens: this.#size, refilledAt: now };
    const gained = ((now - bucket.refilledAt) / 1000) * this.#perSecond;
    return { tokens: Math.min(this.#size, bucket.tokens + gained), refilledAt: now };
  }

  #forgetFull(now: number): void {
    for (const owner of this.#buckets.keys()) {
      if (this.#refill(owner, now).tokens >= this.#size) this.#buckets.delete(owner);
    }
  }
}
