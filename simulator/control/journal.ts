export interface JournalEntry {
  seq: number;
  /** RFC 3339, the simulator's clock. */
  at: string;
  method: string;
  /** Name of the platform route, or the path of an unknown one. */
  route: string;
  shop_id: string | null;
  /** Query and body of the call, without secrets and tokens. */
  params: Record<string, unknown>;
  status: number;
  code: number;
  rows: number;
  throttled: boolean;
  fault: string | null;
  duration_ms: number;
}

/** What was asked and answered: the last calls one by one, and counters of all of them. */
export class Journal {
  readonly #size: number;
  readonly #ring: JournalEntry[] = [];
  #seq = 0;
  #calls: Record<string, number> = {};
  #codes: Record<string, number> = {};
  #faults: Record<string, number> = {};
  #throttled = 0;
  #rows = 0;
  #bytes = 0;
  #open = 0;
  #mostOpen = 0;

  constructor(size: number) {
    this.#size = size;
  }

  begin(): void {
    this.#open += 1;
    this.#mostOpen = Math.max(this.#mostOpen, this.#open);
  }

  end(): void {
    this.#open -= 1;
  }

  record(entry: Omit<JournalEntry, 'seq'>, bytes: number): void {
    this.#seq += 1;
    this.#calls[entry.route] = (this.#calls[entry.route] ?? 0) + 1;
    const outcome = `${entry.status} ${entry.code}`;
    this.#codes[outcome] = (this.#codes[outcome] ?? 0) + 1;
    if (entry.fault !== null) this.#faults[entry.fault] = (this.#faults[entry.fault] ?? 0) + 1;
    if (entry.throttled) this.#throttled += 1;
    this.#rows += entry.rows;
    this.#bytes += bytes;
    if (this.#size > 0) this.#ring[(this.#seq - 1) % this.#size] = { ...entry, seq: this.#seq };
  }

  /** The kept entries after `seq`, oldest first. */
  entries(after: number, limit: number, route: string | null): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (
      let seq = Math.max(after, this.#seq - this.#size) + 1;
      seq <= this.#seq && found.length < limit;
      seq += 1
    ) {
      const entry = this.#ring[(seq - 1) % this.#size];
      if (entry !== undefined && (route === null || entry.route === route)) found.push(entry);
    }
    return found;
  }

  statistics(): Record<string, unknown> {
    return {
      calls: Object.values(this.#calls).reduce((sum, calls) => sum + calls, 0),
      calls_by_route: this.#calls,
      answers: this.#codes,
      faults: this.#faults,
      throttled: this.#throttled,
      rows: this.#rows,
      bytes: this.#bytes,
      open: this.#open,
      most_open: this.#mostOpen,
    };
  }

  /** Sets the counters back; the sequence of the journal goes on. */
  reset(): void {
    this.#calls = {};
    this.#codes = {};
    this.#faults = {};
    this.#throttled = 0;
    this.#rows = 0;
    this.#bytes = 0;
    this.#mostOpen = this.#open;
  }
}
