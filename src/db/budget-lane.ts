/** Calls that were booked together: how many, and how long until they may be made. */
export interface Lease {
  count: number;
  debtMs: number;
  /** Until upstream wants to be called again. */
  blockedMs: number;
}

interface Waiter {
  grant: () => void;
  refuse: (reason: unknown) => void;
}

/** A call that would wait longer is refused, so that its worker slot can do other work. */
const longestWaitMs = 10_000;
/** Booked calls that nobody made within this time are given up, or they would come as a burst later. */
const leaseLifeMs = 1_000;

/** One shop's calls of one endpoint family in this process: first come, first served. */
export class BudgetLane {
  readonly #lease: () => Promise<Lease>;
  readonly #refusal: (retryAfterMs: number) => Error;
  /** In the order of arrival; an aborted waiter leaves. */
  readonly #waiters = new Set<Waiter>();
  #calls = 0;
  #callsUntil = 0;
  /** By the monotonic clock. */
  #blockedUntil = 0;
  #pumping = false;

  constructor(lease: () => Promise<Lease>, refusal: (retryAfterMs: number) => Error) {
    this.#lease = lease;
    this.#refusal = refusal;
  }

  /** Resolves when one call may be made; rejects when that is more than ten seconds away, or when aborted. */
  acquire(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiters.size === 0 && this.#takeBooked()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        leave();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          leave();
          resolve();
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#pump();
    });
  }

  /** Nobody in this process calls for `ms`. */
  block(ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, performance.now() + ms);
    this.#calls = 0;
  }

  #takeBooked(): boolean {
    const now = performance.now();
    if (this.#calls < 1 || now >= this.#callsUntil || now < this.#blockedUntil) return false;
    this.#calls--;
    return true;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#serve()
      .catch((error: unknown) => this.#refuseAll(error))
      .finally(() => {
        this.#pumping = false;
        // Somebody may have come between the last look and this line.
        if (this.#waiters.size > 0) this.#pump();
      });
  }

  async #serve(): Promise<void> {
    while (this.#waiters.size > 0) {
      for (const waiter of this.#waiters) {
        if (!this.#takeBooked()) break;
        waiter.grant();
      }
      if (this.#waiters.size === 0) return;

      const blockedMs = this.#blockedUntil - performance.now();
      if (blockedMs > longestWaitMs) {
        this.#refuseAll(this.#refusal(blockedMs));
        return;
      }
      if (blockedMs > 0) {
        await pause(blockedMs);
        continue;
      }
      const lease = await this.#lease();
      if (lease.blockedMs > 0) {
        this.block(lease.blockedMs);
        continue;
      }
      if (lease.debtMs > longestWaitMs) {
        this.#refuseAll(this.#refusal(lease.debtMs));
        return;
      }
      if (lease.debtMs > 0) await pause(lease.debtMs);
      if (this.#blockedUntil > performance.now()) continue;
      this.#calls = lease.count;
      this.#callsUntil = performance.now() + leaseLifeMs;
    }
  }

  #refuseAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.refuse(reason);
  }
}

/** Timers may fire a little early; a call that is too early is a throttle. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.ceil(ms) + 1);
  });
}
