/** What was worked out last, for as long as nothing that it rests on has changed. */
export class RecentResults {
  readonly #most: number;
  readonly #results = new Map<string, { state: string; result: unknown }>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @param state names what the result rests on; another one makes it old */
  remember<Result>(key: string, state: string, work: () => Result): Result {
    const known = this.#results.get(key);
    if (known?.state === state) return known.result as Result;
    const result = work();
    this.#results.delete(key);
    this.#results.set(key, { state, result });
    const oldest = this.#results.keys().next().value;
    if (this.#results.size > this.#most && oldest !== undefined) this.#results.delete(oldest);
    return result;
  }

  clear(): void {
    this.#results.clear();
  }
}
