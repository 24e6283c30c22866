import { backoffMs } from '../sources/tiktok-shop/backoff.ts';
import { advance, learn, soonMs } from './bucket-learning.ts';
import {
  type BucketLimits,
  type BucketState,
  learnedBurst,
  leaseSize,
  secondsOfBurst,
} from './bucket-state.ts';

/** A booking of calls by one worker. */
export interface Lease {
  count: number;
  /** Until the first of them may be made. */
  waitMs: number;
  /** Pause between them; 0 where upstream is known to bear them at once, or has set no limit yet. */
  spacingMs: number;
}

/** No calls now: upstream asked for a pause, or the calls are booked for so long that waiting would be a waste. */
export interface Refusal {
  count: 0;
  waitMs: number;
}

/** Bookings do not reach further into the future: who would wait longer gives his worker slot to other work. */
export const longestWaitMs = 5_000;
const restMs = 2_000;
/** Part of upstream's own bucket that is used after a rest: the last calls of it may be somebody else's. */
const burstShare = 0.8;

/**
 * Books `count` calls for one worker.
 *
 * @param event `unused`: calls of the worker's last booking that nobody made; they are given back.
 */
export function lease(
  before: BucketState,
  limits: BucketLimits,
  { now, count, unused }: { now: number; count: number; unused: number },
): { state: BucketState; answer: Lease | Refusal } {
  const rested = now - Math.max(before.countedAt, before.blockedUntil) > restMs;
  const state = giveBack(refilled(withinLimits(before, limits), now), unused);
  if (now < state.blockedUntil) return { state, answer: { count: 0, waitMs: state.blockedUntil - now } };
  const booked = advance(begun(state, now), limits, { now, rested, pressed: state.tokens < count });
  const spaced = booked.phase !== 'searching' && learnedBurst(booked) < 2 * leaseSize(booked);
  const waitMs = Math.max(0, (((spaced ? 1 : count) - booked.tokens) / booked.rate) * 1000);
  if (waitMs > longestWaitMs) return { state: booked, answer: { count: 0, waitMs } };
  return {
    state: {
      ...booked,
      tokens: booked.tokens - count,
      windowCalls: booked.windowCalls + count,
      calls: booked.calls + count,
    },
    answer: { count, waitMs, spacingMs: spaced ? 1000 / booked.rate : 0 },
  };
}

/** What upstream said when it throttled a call. */
export interface Throttle {
  now: number;
  /** From the call's start to its answer: a call from before a pause says nothing new after it. */
  latencyMs: number;
  /** Upstream's `Retry-After`. */
  retryAfterMs: number | null;
  /** Calls of the worker's last booking that are not made now. */
  unused: number;
  /** In [0, 1): spreads the workers' return. */
  random: number;
}

/** Learns from a throttled call: nobody calls until `blockedUntil` of the new state. */
export function throttle(before: BucketState, limits: BucketLimits, event: Throttle): BucketState {
  const { now, latencyMs, retryAfterMs, unused, random } = event;
  const counted = giveBack(refilled(withinLimits(before, limits), now), unused);
  const state = { ...counted, throttled: counted.throttled + 1 };
  if (now - latencyMs < state.blockedUntil) {
    // It was on its way when the burst was counted, as one that came through.
    const counted = state.phase === 'confirming' && state.windowCalls === 0;
    return {
      ...state,
      burstCalls: Math.max(0, state.burstCalls - (counted ? 1 : 0)),
      blockedUntil: Math.max(state.blockedUntil, now + (retryAfterMs ?? 0)),
    };
  }
  const soon = state.blockedUntil > 0 && now - state.blockedUntil < soonMs;
  const repeats = soon ? state.repeats + 1 : 0;
  const blockedUntil = now + backoffMs(repeats, retryAfterMs, random);
  const learned = learn(state, { now, latencyMs, soon, repeats });
  return {
    ...learned,
    tokens: Math.min(0, learned.tokens),
    // The first pause fills the bucket as it fills upstream's; after another one the work begins carefully.
    countedAt: repeats === 0 ? now : blockedUntil,
    // A long pause fills upstream's bucket no further than it holds.
    windowSince: Math.max(now, blockedUntil - secondsOfBurst(learned) * 1000),
    windowCalls: 0,
    windowTight: true,
    blockedUntil,
    repeats,
  };
}

/** Nobody calls until then, for a reason that says nothing about the rate. */
export function pauseUntil(state: BucketState, until: number): BucketState {
  return { ...state, blockedUntil: Math.max(state.blockedUntil, until) };
}

/** The installation's upper bound may have been changed since the state was stored. */
function withinLimits(state: BucketState, { largestRate }: BucketLimits): BucketState {
  return state.rate <= largestRate ? state : { ...state, rate: largestRate };
}

function refilled(state: BucketState, now: number): BucketState {
  const seconds = Math.max(0, now - state.countedAt) / 1000;
  const held = state.phase === 'holding' || state.phase === 'probing';
  const capacity = Math.max(leaseSize(state), held ? burstShare * learnedBurst(state) : 0);
  const tokens = Math.min(Math.max(capacity, state.tokens), state.tokens + seconds * state.rate);
  return { ...state, tokens, countedAt: Math.max(now, state.countedAt) };
}

function giveBack(state: BucketState, unused: number): BucketState {
  if (unused === 0) return state;
  return {
    ...state,
    tokens: state.tokens + unused,
    windowCalls: Math.max(0, state.windowCalls - unused),
    calls: state.calls - unused,
  };
}

/** A worker that comes back late from a pause finds upstream's bucket full, but no fuller. */
function begun(state: BucketState, now: number): BucketState {
  if (state.windowCalls > 0) return state;
  return { ...state, windowSince: Math.max(state.windowSince, now - secondsOfBurst(state) * 1000) };
}
