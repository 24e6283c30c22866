import { wait } from '../http/wait.ts';
import { type BudgetLane, budgetLanes } from '../sources/tiktok-shop/ports.ts';
import { type Lease, longestWaitMs, type Refusal } from './bucket.ts';

interface Waiter {
  grant: () => void;
  refuse: (reason: unknown) => void;
}

export interface WaitingCallsOptions {
  /** Books calls from the bucket that all workers share. `unused` ones of the last booking are given back. */
  book(request: { wanted: number; unused: number; lane: BudgetLane }): Promise<Lease | Refusal>;
  /** The error for calls that would wait for too long. */
  refusal(retryAfterMs: number): Error;
}

/** Booked calls that nobody made within this time are given back, or they would come as a burst later. */
const bookingLifeMs = 1_000;

/**
 * One shop's calls of one endpoint family that wait in this process: the lanes in their order, first come, first
 * served in each.
 */
export class WaitingCalls {
  readonly #options: WaitingCallsOptions;
  /** In the order of arrival; an aborted waiter leaves. */
  readonly #lanes = new Map<BudgetLane, Set<Waiter>>(budgetLanes.map((lane) => [lane, new Set()]));
  #booked = 0;
  #spacingMs = 0;
  /** By the monotonic clock, as all times here. */
  #bookedUntil = 0;
  #nextCallAt = 0;
  #blockedUntil = 0;
  /** Calls worth booking at once: as many as were made of the last booking, and twice that when all were. */
  #appetite = 1;
  #lastBooking = 0;
  #serving = false;

  constructor(options: WaitingCallsOptions) {
    this.#options = options;
  }

  /** Resolves when one call may be made; rejects when that is too far away, or when aborted. */
  acquire(lane: BudgetLane, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#first() === undefined && this.#delay() === 0) {
      this.#take();
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const queue = this.#lanes.get(lane) as Set<Waiter>;
      const leave = () => {
        queue.delete(waiter);
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
      queue.add(waiter);
      this.#serve();
    });
  }

  /** How many calls wait in each lane that has any. */
  waiting(): Partial<Record<BudgetLane, number>> {
    const filled = [...this.#lanes].filter(([, queue]) => queue.size > 0);
    return Object.fromEntries(filled.map(([lane, queue]) => [lane, queue.size]));
  }

  /** Nobody in this process calls for `ms`. Returns the booked calls that are not made now. */
  block(ms: number): number {
    this.#blockedUntil = Math.max(this.#blockedUntil, performance.now() + ms);
    return this.#dropBooking();
  }

  #dropBooking(): number {
    const unused = this.#booked;
    this.#booked = 0;
    return unused;
  }

  #first(): [BudgetLane, Waiter] | undefined {
    for (const [lane, queue] of this.#lanes) for (const waiter of queue) return [lane, waiter];
    return undefined;
  }

  /** Milliseconds until a booked call may be made; null when there is none. */
  #delay(): number | null {
    const now = performance.now();
    if (this.#booked < 1 || now >= this.#bookedUntil || now < this.#blockedUntil) return null;
    return Math.max(0, this.#nextCallAt - now);
  }

  #take(): void {
    this.#booked--;
    // A timer that was late by less than the space is made up for by the next one.
    this.#nextCallAt = Math.max(performance.now() - this.#spacingMs, this.#nextCallAt) + this.#spacingMs;
  }

  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    this.#serveAll()
      .catch((error: unknown) => this.#refuseAll(error))
      .finally(() => {
        this.#serving = false;
        // Somebody may have come between the last look and this line.
        if (this.#first() !== undefined) this.#serve();
      });
  }

  async #serveAll(): Promise<void> {
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      const delay = this.#delay();
      if (delay === 0) {
        this.#take();
        next[1].grant();
      } else if (delay !== null) {
        await pause(delay);
      } else if (!(await this.#bookMore(next[0]))) {
        return;
      }
    }
  }

  /** False when the wait is too long: then everybody was sent away. */
  async #bookMore(lane: BudgetLane): Promise<boolean> {
    const blockedMs = this.#blockedUntil - performance.now();
    if (blockedMs > 0) return this.#waitOrRefuse(blockedMs);
    const unused = this.#dropBooking();
    this.#appetite = unused === 0 ? this.#lastBooking * 2 : this.#lastBooking - unused;
    const waiters = [...this.#lanes.values()].reduce((sum, queue) => sum + queue.size, 0);
    const wanted = Math.max(1, waiters, this.#appetite);
    const booking = await this.#options.book({ wanted, unused, lane });
    this.#lastBooking = booking.count;
    if (!('spacingMs' in booking)) return this.#waitOrRefuse(booking.waitMs);
    const now = performance.now();
    this.#booked = booking.count;
    this.#spacingMs = booking.spacingMs;
    this.#nextCallAt = Math.max(this.#nextCallAt, now + booking.waitMs);
    this.#bookedUntil = this.#nextCallAt + booking.count * booking.spacingMs + bookingLifeMs;
    return true;
  }

  async #waitOrRefuse(ms: number): Promise<boolean> {
    if (ms > longestWaitMs) {
      this.#refuseAll(this.#options.refusal(ms));
      return false;
    }
    await pause(ms);
    return true;
  }

  #refuseAll(reason: unknown): void {
    for (const queue of this.#lanes.values()) for (const waiter of queue) waiter.refuse(reason);
  }
}

/** Timers may fire a little early; a call that is too early is a throttle. */
function pause(ms: number): Promise<void> {
  return wait(Math.ceil(ms) + 1);
}
