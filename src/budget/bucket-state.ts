/**
 * The budget of one (app, shop, endpoint family) as pure functions of its state and an event. TikTok publishes no
 * rates and sends no rate headers (TikTok Shop Partner Center, "Rate limits"), so the rate is found out:
 *
 * - `searching`: no limit is known; the rate doubles while it is asked for, until upstream throttles.
 * - `confirming`: the first throttle gave a guess. Running a little above it until the next throttle measures the
 *   rate exactly: between two throttles upstream admitted as much as it ever will.
 * - `holding`: 98.5 % of the learned rate.
 * - `probing`: for a few seconds more than the learned rate, to see whether upstream admits more by now.
 *
 * Times are milliseconds of the database's clock, which all workers share.
 */
export type BucketPhase = 'searching' | 'confirming' | 'holding' | 'probing';

export interface BucketState {
  phase: BucketPhase;
  phaseSince: number;
  /** Calls a second that are handed out at present. */
  rate: number;
  /** Calls that may be made at once; below zero they are booked ahead. */
  tokens: number;
  /** When `tokens` was counted. */
  countedAt: number;
  /** Calls a second that upstream is known to admit; a first guess while confirming, null before any throttle. */
  learnedRate: number | null;
  /** What came through after a rest before upstream first throttled: tells how large its own bucket is. */
  burstCalls: number;
  burstSeconds: number;
  /** The stretch of calls from which the rate is measured. */
  windowSince: number;
  windowCalls: number;
  /** Whether upstream's bucket was empty when the stretch began, and was never left to fill up since. */
  windowTight: boolean;
  /** While confirming: the rate was found too high already. */
  lowered: boolean;
  blockedUntil: number;
  /** Throttles in a row, each soon after the pause of the one before. */
  repeats: number;
  /** For the figures: calls handed out, and calls that upstream throttled. */
  calls: number;
  throttled: number;
}

export interface BucketLimits {
  /** Upper bound, calls a second over all workers. */
  largestRate: number;
}

const startRate = 50;
/** Calls are booked for at most this long: short enough to share, long enough to cost nothing. */
export const leaseSeconds = 0.2;
/** What upstream's own bucket is taken to hold before it is known, in seconds of its rate. */
export const usualBurstSeconds = 1;

export function newBucket(now: number, { largestRate }: BucketLimits): BucketState {
  return {
    phase: 'searching',
    phaseSince: now,
    rate: Math.min(startRate, largestRate),
    tokens: 0,
    countedAt: now - leaseSeconds * 1000,
    learnedRate: null,
    burstCalls: 0,
    burstSeconds: 0,
    windowSince: now,
    windowCalls: 0,
    windowTight: false,
    lowered: false,
    blockedUntil: 0,
    repeats: 0,
    calls: 0,
    throttled: 0,
  };
}

/** Calls that upstream bears at once after a rest, as far as it is known. */
export function learnedBurst({ learnedRate, burstCalls, burstSeconds }: BucketState): number {
  return learnedRate === null ? 0 : Math.max(0, burstCalls - learnedRate * burstSeconds);
}

/** What upstream's own bucket holds, in seconds of its rate. */
export function secondsOfBurst(state: BucketState): number {
  return state.learnedRate === null || state.burstCalls === 0
    ? usualBurstSeconds
    : learnedBurst(state) / state.learnedRate;
}

/** Calls worth booking at once. */
export function leaseSize(state: BucketState): number {
  return Math.max(1, Math.floor(state.rate * leaseSeconds));
}
