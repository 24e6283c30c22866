import type { Sql } from '../db/pool.ts';
import type { BudgetLane } from '../sources/tiktok-shop/ports.ts';

export interface QuotaState {
  /** The clock hour of the other fields, in hours since 1970. */
  hour: number;
  /** Calls booked in it. */
  calls: number;
  /** Whether upstream has refused a call in it. */
  refused: boolean;
  /** Calls an hour, as far as it is known. */
  learned: number | null;
}

const hourMs = 3_600_000;
/** Lanes that leave the last tenth of an hour's calls to the others. */
const patientLanes: readonly BudgetLane[] = ['history', 'analytics'];
const patientShare = 0.9;
/** Each hour tries a little more than what is known: the quota may have grown, or was used by others too. */
const tryingShare = 1.1;

/** The quota as a new hour finds it. */
export function atHour(state: QuotaState, now: number): QuotaState {
  const hour = Math.floor(now / hourMs);
  return state.hour === hour ? state : { ...state, hour, calls: 0, refused: false };
}

/** Calls of this hour that the lane may still book. */
export function callsLeft({ calls, refused, learned }: QuotaState, lane: BudgetLane): number {
  if (refused) return 0;
  if (learned === null) return Number.POSITIVE_INFINITY;
  const most = patientLanes.includes(lane) ? learned * patientShare : learned * tryingShare + 1;
  return Math.max(0, Math.floor(most) - calls);
}

export interface HourlyQuota {
  /** Books up to `count` calls; with none left it says how long the hour still is. */
  take(shopId: string, count: number, lane: BudgetLane): Promise<{ count: number; waitMs: number }>;
  giveBack(shopId: string, count: number): Promise<void>;
  /** Upstream refused a call: what was booked before it in this hour is the quota. */
  exhausted(shopId: string): Promise<void>;
}

/**
 * The hourly quota of development shops (error 36009037), shared by all workers. Announcements name 100 or 1,000
 * calls an hour, so it is learned from the first refusal.
 */
export function createHourlyQuota(sql: Sql, appKey: string): HourlyQuota {
  function change<Answer>(
    shopId: string,
    next: (state: QuotaState, now: number) => { state: QuotaState; answer: Answer },
  ): Promise<Answer> {
    return sql.begin(async (tx) => {
      await tx`
        insert into request_quotas (app_key, shop_id, hour, calls) values (${appKey}, ${shopId}, now(), 0)
        on conflict do nothing`;
      const [row] = await tx<(Omit<QuotaState, 'hour'> & { hour_at: Date; now: Date })[]>`
        select hour as hour_at, calls, refused, learned, clock_timestamp() as now from request_quotas
        where app_key = ${appKey} and shop_id = ${shopId} for update`;
      if (row === undefined) throw new Error(`The quota of ${shopId} vanished.`);
      const { hour_at: hourAt, now, ...rest } = row;
      const known = { ...rest, hour: Math.floor(hourAt.getTime() / hourMs) };
      const { state, answer } = next(atHour(known, now.getTime()), now.getTime());
      await tx`
        update request_quotas set hour = ${new Date(state.hour * hourMs)}, calls = ${state.calls},
          refused = ${state.refused}, learned = ${state.learned}
        where app_key = ${appKey} and shop_id = ${shopId}`;
      return answer;
    }) as Promise<Answer>;
  }

  return {
    take: (shopId, wanted, lane) =>
      change(shopId, (state, now) => {
        const count = Math.min(wanted, callsLeft(state, lane));
        const answer = { count, waitMs: (state.hour + 1) * hourMs - now };
        return { state: { ...state, calls: state.calls + count }, answer };
      }),

    giveBack: (shopId, count) =>
      change(shopId, (state) => ({
        state: { ...state, calls: Math.max(0, state.calls - count) },
        answer: undefined,
      })),

    exhausted: (shopId) =>
      change(shopId, (state) => ({
        state: state.refused ? state : { ...state, refused: true, learned: Math.max(1, state.calls - 1) },
        answer: undefined,
      })),
  };
}
