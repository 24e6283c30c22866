/** Failures in a row, with no answer between them, after which upstream counts as down. */
const mostFailures = 8;
const firstPauseMs = 5_000;
const longestPauseMs = 60_000;
/** A trial of which nobody reports the end is forgotten after this. */
const trialMs = 120_000;

/**
 * Keeps calls from an upstream that answers nothing of one shop's endpoint family: worker slots are not held by calls
 * that hang, and a struggling upstream is not hammered. After a pause one call at a time tries whether it is back.
 */
export class Breaker {
  readonly #now: () => number;
  #failures = 0;
  #pauseMs = firstPauseMs;
  #openUntil = 0;
  #trialUntil = 0;

  /** @param now monotonic milliseconds; for tests */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get open(): boolean {
    return this.#failures >= mostFailures;
  }

  /** Milliseconds that a call should stay away; 0 lets it through, while open as the one trial. */
  admit(): number {
    if (!this.open) return 0;
    const now = this.#now();
    const until = Math.max(this.#openUntil, this.#trialUntil);
    if (now < until) return Math.min(until - now, this.#pauseMs);
    this.#trialUntil = now + trialMs;
    return 0;
  }

  answered(): void {
    this.#failures = 0;
    this.#pauseMs = firstPauseMs;
    this.#trialUntil = 0;
  }

  failed(): void {
    this.#failures++;
    if (!this.open) return;
    const trial = this.#trialUntil > 0;
    // Calls that were on their way when it opened fail too; only a trial that fails makes the pause longer.
    if (this.#failures > mostFailures && !trial) return;
    if (trial) this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
    this.#trialUntil = 0;
    this.#openUntil = this.#now() + this.#pauseMs;
  }

  /** The trial was given up by its caller: the next call is one. */
  abandoned(): void {
    this.#trialUntil = 0;
  }
}
