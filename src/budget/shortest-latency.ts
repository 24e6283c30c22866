/** How long the shortest answer counts. */
const windowMs = 10_000;

/**
 * The shortest time in which upstream has answered lately. Most of what makes a call slower than that is not
 * upstream: pages that wait to be parsed and written here. More calls in flight would only make them wait longer.
 */
export class ShortestLatency {
  /** Shortest of the present half of the window and of the one before it. */
  #present = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;
  #since = Number.NEGATIVE_INFINITY;

  /** @param now of any clock that only goes forward, in milliseconds */
  observe(latencyMs: number, now: number): void {
    const age = now - this.#since;
    if (age >= windowMs / 2) {
      this.#previous = age < windowMs ? this.#present : Number.POSITIVE_INFINITY;
      this.#present = Number.POSITIVE_INFINITY;
      this.#since = now;
    }
    this.#present = Math.min(this.#present, latencyMs);
  }

  /** Milliseconds; null before the first answer. */
  get(): number | null {
    const shortest = Math.min(this.#present, this.#previous);
    return Number.isFinite(shortest) ? shortest : null;
  }
}
