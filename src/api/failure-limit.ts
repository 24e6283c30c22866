import { RequestError } from './problem.ts';

interface Failure {
  at: number;
  /** What was tried, hashed by the caller; null counts every time. */
  what: string | null;
}

/** Addresses that are remembered; the ones that failed longest ago are forgotten first. */
const mostAddresses = 10_000;

/** Slows guessing: after `most` failures inside the window an address waits for its end. */
export class FailureLimit {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #failures = new Map<string, Failure[]>();

  constructor({ most, windowMs }: { most: number; windowMs: number }) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Whether the address has to wait. */
  isReached(address: string): boolean {
    return this.#recent(address).length >= this.#most;
  }

  /** Throws 429 while the address has to wait. */
  check(address: string): void {
    const [oldest, ...others] = this.#recent(address);
    if (oldest === undefined || others.length + 1 < this.#most) return;
    const seconds = Math.max(1, Math.ceil((oldest.at + this.#windowMs - Date.now()) / 1000));
    throw new RequestError({
      status: 429,
      code: 'too-many-failures',
      message: 'Too many wrong keys were tried.',
      headers: { 'Retry-After': String(seconds) },
    });
  }

  /**
   * Counts a failure; false when `what` was counted already: a program that repeats one wrong key is not guessing.
   */
  record(address: string, what: string | null = null): boolean {
    const recent = this.#recent(address);
    if (what !== null && recent.some((failure) => failure.what === what)) return false;
    this.#failures.delete(address);
    this.#failures.set(address, [...recent, { at: Date.now(), what }]);
    const [first] = this.#failures.keys();
    if (this.#failures.size > mostAddresses && first !== undefined) this.#failures.delete(first);
    return true;
  }

  #recent(address: string): Failure[] {
    const since = Date.now() - this.#windowMs;
    return (this.#failures.get(address) ?? []).filter(({ at }) => at > since);
  }
}
