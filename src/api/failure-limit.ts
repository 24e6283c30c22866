import { RequestError } from './problem.ts';

/** Slows guessing: after `most` failures inside the window, everybody waits for its end. */
export class FailureLimit {
  readonly #most: number;
  readonly #windowMs: number;
  #times: number[] = [];

  constructor({ most, windowMs }: { most: number; windowMs: number }) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Throws 429 while the limit is reached. */
  check(): void {
    const now = Date.now();
    this.#times = this.#times.filter((time) => time > now - this.#windowMs);
    const [oldest] = this.#times;
    if (oldest === undefined || this.#times.length < this.#most) return;
    const seconds = Math.max(1, Math.ceil((oldest + this.#windowMs - now) / 1000));
    throw new RequestError({
      status: 429,
      code: 'too-many-failures',
      message: 'Too many wrong keys were tried.',
      headers: { 'Retry-After': String(seconds) },
    });
  }

  record(): void {
    this.#times.push(Date.now());
  }
}
