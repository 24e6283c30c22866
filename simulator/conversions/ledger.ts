/** What became of one event at one source, told apart by the platform's name of it and its id. */
export interface LedgerEntry {
  event: string;
  event_id: string;
  /** Times that it came in a request that was taken. */
  received: number;
  /** Times that it was counted, after deduplication: more than once is a double count. */
  counted: number;
  /** Milliseconds since 1970 of the time that it last was counted. */
  counted_at: number;
}

/** What one event source has taken: the counts that an oracle compares with what a sender believes. */
export class Ledger {
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #tests = new Map<string, LedgerEntry>();
  readonly #windowMs: number;
  refused = 0;

  /** @param windowMs how long doubles are told apart, from the one that was counted */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** @returns whether it was counted, or else was a double */
  take(event: string, eventId: string, nowMs: number, test: boolean): boolean {
    const entries = test ? this.#tests : this.#entries;
    const key = `${event}\u0000${eventId}`;
    const entry = entries.get(key);
    if (entry === undefined) {
      entries.set(key, { event, event_id: eventId, received: 1, counted: 1, counted_at: nowMs });
      return true;
    }
    entry.received += 1;
    if (nowMs - entry.counted_at < this.#windowMs) return false;
    entry.counted += 1;
    entry.counted_at = nowMs;
    return true;
  }

  has(event: string, eventId: string): boolean {
    return this.#entries.has(`${event}\u0000${eventId}`);
  }

  /** In the order of their first arrival. */
  entries(test: boolean): Iterable<LedgerEntry> {
    return (test ? this.#tests : this.#entries).values();
  }

  summary(): Record<string, number> {
    const sum = { events: this.#entries.size, received: 0, counted: 0, twice: 0 };
    for (const { received, counted } of this.#entries.values()) {
      sum.received += received;
      sum.counted += counted;
      if (counted > 1) sum.twice += 1;
    }
    return { ...sum, refused: this.refused, test_events: this.#tests.size };
  }
}
