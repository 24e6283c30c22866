import type { Sql } from '../db/pool.ts';
import { type BucketLimits, type BucketState, newBucket } from './bucket-state.ts';

/** Which bucket: upstream limits each endpoint of each shop of each app by itself. */
export interface BucketKey {
  appKey: string;
  shopId: string;
  endpointFamily: string;
}

/** A change of the state at a moment of the database's clock, with what the caller wants to know of it. */
export type BucketChange<Answer> = (
  state: BucketState,
  now: number,
) => { state: BucketState; answer: Answer };

/** The state as it was last seen, and the database's clock at that moment. */
interface Known {
  state: BucketState;
  version: number;
  clock: number;
  seenAt: number;
}

/**
 * One bucket in PostgreSQL, changed by pure functions: the new state is written only over the version that it was
 * made from, so that no lock is held. A worker that is alone with a shop needs one statement for each change.
 */
export class StoredBucket {
  readonly #sql: Sql;
  readonly #key: BucketKey;
  readonly #limits: BucketLimits;
  #known: Known | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(sql: Sql, key: BucketKey, limits: BucketLimits) {
    this.#sql = sql;
    this.#key = key;
    this.#limits = limits;
  }

  /** The state as this process last saw it; null before the first change. */
  get lastSeen(): BucketState | null {
    return this.#known?.state ?? null;
  }

  /** Changes of one process go one after the other: against each other they would only lose. */
  change<Answer>(change: BucketChange<Answer>): Promise<Answer> {
    const turn = this.#turn.then(
      () => this.#change(change),
      () => this.#change(change),
    );
    this.#turn = turn;
    return turn;
  }

  async #change<Answer>(change: BucketChange<Answer>): Promise<Answer> {
    for (;;) {
      const known = this.#known ?? (await this.#load());
      const now = Math.round(known.clock + performance.now() - known.seenAt);
      const { state, answer } = change(known.state, now);
      const clock = await this.#replace(known.version, state);
      if (clock !== null) {
        this.#known = { state, version: known.version + 1, clock, seenAt: performance.now() };
        return answer;
      }
      this.#known = null;
    }
  }

  async #load(): Promise<Known> {
    const { appKey, shopId, endpointFamily } = this.#key;
    for (;;) {
      const [row] = await this.#sql<(BucketRow & { version: number; clock: number })[]>`
        select *, extract(epoch from clock_timestamp())::float8 * 1000 as clock from request_budgets
        where app_key = ${appKey} and shop_id = ${shopId} and endpoint_family = ${endpointFamily}`;
      if (row !== undefined) {
        const { version, clock } = row;
        return { state: fromRow(row), version, clock, seenAt: performance.now() };
      }
      const [now] = await this.#sql<{ clock: number }[]>`
        select extract(epoch from clock_timestamp())::float8 * 1000 as clock`;
      const first = toRow(newBucket(Math.round(now?.clock ?? 0), this.#limits));
      await this.#sql`
        insert into request_budgets ${this.#sql({
          app_key: appKey,
          shop_id: shopId,
          endpoint_family: endpointFamily,
          version: 1,
          ...first,
        })} on conflict do nothing`;
    }
  }

  /** The database's clock, or null when another worker was faster. */
  async #replace(version: number, state: BucketState): Promise<number | null> {
    const { appKey, shopId, endpointFamily } = this.#key;
    // A budget that a crash sets back by a moment costs nothing; a flush to disk for each batch would.
    const [row] = await this.#sql<{ clock: number }[]>`
      update request_budgets set ${this.#sql({ version: version + 1, ...toRow(state) })}
      where app_key = ${appKey} and shop_id = ${shopId} and endpoint_family = ${endpointFamily}
        and version = ${version}
      returning extract(epoch from clock_timestamp())::float8 * 1000 as clock,
        set_config('synchronous_commit', 'off', true) as quick_commit`;
    return row?.clock ?? null;
  }
}

interface BucketRow {
  phase: BucketState['phase'];
  phase_since: Date;
  rate: number;
  tokens: number;
  counted_at: Date;
  learned_rate: number | null;
  burst_calls: number;
  burst_seconds: number;
  window_since: Date;
  window_calls: number;
  window_tight: boolean;
  lowered: boolean;
  blocked_until: Date;
  repeats: number;
  calls: number;
  throttled: number;
}

function toRow(state: BucketState): BucketRow {
  return {
    phase: state.phase,
    phase_since: new Date(state.phaseSince),
    rate: state.rate,
    tokens: state.tokens,
    counted_at: new Date(state.countedAt),
    learned_rate: state.learnedRate,
    burst_calls: state.burstCalls,
    burst_seconds: state.burstSeconds,
    window_since: new Date(state.windowSince),
    window_calls: state.windowCalls,
    window_tight: state.windowTight,
    lowered: state.lowered,
    blocked_until: new Date(state.blockedUntil),
    repeats: state.repeats,
    calls: state.calls,
    throttled: state.throttled,
  };
}

function fromRow(row: BucketRow): BucketState {
  return {
    phase: row.phase,
    phaseSince: row.phase_since.getTime(),
    rate: row.rate,
    tokens: row.tokens,
    countedAt: row.counted_at.getTime(),
    learnedRate: row.learned_rate,
    burstCalls: row.burst_calls,
    burstSeconds: row.burst_seconds,
    windowSince: row.window_since.getTime(),
    windowCalls: row.window_calls,
    windowTight: row.window_tight,
    lowered: row.lowered,
    blockedUntil: row.blocked_until.getTime(),
    repeats: row.repeats,
    calls: row.calls,
    throttled: row.throttled,
  };
}
