/** Rows that belong to one caller, and where their result goes. */
interface Submission<Row, Result> {
  rows: readonly Row[];
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export interface GroupCommitOptions<Row, Result> {
  /** Stores the rows of several callers in one transaction; one result for each of them, in their order. */
  commit(groups: readonly (readonly Row[])[]): Promise<readonly Result[]>;
  /** Rows in one transaction, unless one caller alone brings more. */
  mostRows: number;
  /** Transactions at once: while one waits for the disk the next is prepared. */
  transactions: number;
  /** Whether an error would befall every caller alone, too: the database is away, say. */
  concernsAll(error: unknown): boolean;
}

/**
 * Collects what callers want to store while a transaction is on, and stores it with the next one: under load the disk
 * is waited for once for many callers, and without load nobody waits for company.
 */
export class GroupCommit<Row, Result> {
  readonly #options: GroupCommitOptions<Row, Result>;
  readonly #waiting: Submission<Row, Result>[] = [];
  #running = 0;

  constructor(options: GroupCommitOptions<Row, Result>) {
    this.#options = options;
  }

  /** Resolves once the rows are durable. Rejects with whatever `commit` throws; then none of them is stored. */
  submit(rows: readonly Row[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    while (this.#running < this.#options.transactions && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#commit(this.#take()).finally(() => {
        this.#running -= 1;
        this.#start();
      });
    }
  }

  #take(): Submission<Row, Result>[] {
    let rows = 0;
    const tooMany = this.#waiting.findIndex((submission, index) => {
      rows += submission.rows.length;
      return index > 0 && rows > this.#options.mostRows;
    });
    return this.#waiting.splice(0, tooMany === -1 ? this.#waiting.length : tooMany);
  }

  async #commit(submissions: readonly Submission<Row, Result>[]): Promise<void> {
    try {
      const results = await this.#options.commit(submissions.map(({ rows }) => rows));
      for (const [index, { resolve }] of submissions.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (submissions.length === 1 || this.#options.concernsAll(error)) {
        for (const { reject } of submissions) reject(error);
        return;
      }
      // One caller's rows must not fail the others'.
      for (const submission of submissions) await this.#commit([submission]);
    }
  }
}
