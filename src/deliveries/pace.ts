import { wait } from '../http/wait.ts';

const failuresBeforeOpen = 5;
const shortestPauseMs = 1_000;
const longestPauseMs = 60_000;

/** What came of a request as a whole: answered, or neither this nor anything about its events. */
export type RequestResult = 'answered' | 'failed';

/**
 * How fast one destination is sent to: so many requests a second, none for as long as the platform asks to wait, and
 * after five failures in a row one request at a time with growing pauses, until one is answered.
 */
export class Pace {
  #tokens = 1;
  #refilledAt = performance.now();
  #failures = 0;
  #notBefore = 0;

  /** True while the platform seems to be away: then one small request is enough to find out. */
  get isProbing(): boolean {
    return this.#failures >= failuresBeforeOpen;
  }

  /** Milliseconds until the next request may be made, apart from the rate. */
  get heldMs(): number {
    return Math.max(0, this.#notBefore - performance.now());
  }

  /** Waits for its turn. Throws the signal's reason when it is aborted. */
  async take(requestsPerSecond: number, signal: AbortSignal): Promise<void> {
    const burst = Math.max(1, Math.min(requestsPerSecond, 4));
    const now = performance.now();
    const refill = ((now - this.#refilledAt) / 1_000) * requestsPerSecond;
    // Below zero it is a queue: whoever comes next waits behind those that wait already.
    this.#tokens = Math.min(burst, this.#tokens + refill) - 1;
    this.#refilledAt = now;
    if (this.#tokens < 0) await wait((-this.#tokens / requestsPerSecond) * 1_000, signal);
  }

  hold(ms: number): void {
    this.#notBefore = Math.max(this.#notBefore, performance.now() + ms);
  }

  note(result: RequestResult): void {
    if (result === 'answered') {
      this.#failures = 0;
      return;
    }
    this.#failures += 1;
    const over = this.#failures - failuresBeforeOpen;
    if (over >= 0) this.hold(Math.min(longestPauseMs, shortestPauseMs * 2 ** over));
  }
}
