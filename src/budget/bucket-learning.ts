import {
  type BucketLimits,
  type BucketState,
  learnedBurst,
  leaseSize,
  usualBurstSeconds,
} from './bucket-state.ts';

const smallestRate = 0.1;
/** Below this the rate is not lowered when upstream admits nothing at all: the pauses do that better. */
const smallestBlindRate = 1;
const heldShare = 0.985;
const doublingSeconds = 0.5;
const confirmingFactor = 1.15;
const confirmingMs = 12_000;
const raisingFactor = 1.5;
const raisingMs = 3_000;
const probingFactor = 1.5;
const probeEveryMs = 3 * 60_000;
const longestProbeMs = 20_000;
/** A throttle this soon after a pause belongs to the one before it. */
export const soonMs = 3_000;
/** Throttled within this time of the last throttle, the held rate is measured again. */
const steadyMs = 60_000;
/** Fewer calls than these tell nothing about a rate. */
const fewestCalls = 5;

/** How long a rate a little too high may take to use up what upstream's bucket gained in the pause before. */
function patience({ blockedUntil, windowSince }: BucketState): number {
  return Math.max(confirmingMs, (1.5 * (blockedUntil - windowSince)) / (confirmingFactor - 1));
}

/** What a throttle says about the rate, while its phase and the calls since the last one are known. */
export function learn(
  state: BucketState,
  event: { now: number; latencyMs: number; soon: boolean; repeats: number },
): BucketState {
  // Calls of the last moments are still on their way: they say nothing yet.
  const admitted = state.windowCalls - 1 - Math.floor((state.rate * event.latencyMs) / 1000);
  return admitted < fewestCalls
    ? learnNothing(state, event.now, event.repeats)
    : learnRate({ ...state, windowCalls: state.windowCalls - 1 }, event);
}

/** Where the phase leads as time goes by without a throttle. */
export function advance(
  state: BucketState,
  { largestRate }: BucketLimits,
  { now, rested, pressed }: { now: number; rested: boolean; pressed: boolean },
): BucketState {
  const elapsed = now - state.windowSince;
  const restart = { windowSince: now, windowCalls: 0 };
  switch (state.phase) {
    case 'searching': {
      if (rested) return { ...state, ...restart, phaseSince: now };
      if (!pressed) return { ...state, phaseSince: now };
      const seconds = Math.min(doublingSeconds, (now - state.phaseSince) / 1000);
      const rate = Math.min(largestRate, state.rate * 2 ** (seconds / doublingSeconds));
      return { ...state, rate, phaseSince: now };
    }
    case 'confirming': {
      if (rested) return { ...state, ...restart, windowTight: false };
      if (!pressed && now - state.blockedUntil > usualBurstSeconds * 1000)
        return { ...state, windowTight: false };
      if (elapsed < (state.windowTight ? patience(state) : raisingMs) || !pressed) return state;
      if (state.lowered || state.rate >= largestRate) return hold(state, state.rate, now);
      const rate = Math.min(largestRate, state.rate * raisingFactor);
      return { ...state, ...restart, rate, windowTight: false };
    }
    case 'holding': {
      const known = state.learnedRate ?? state.rate;
      if (rested) return { ...state, ...restart, windowTight: false };
      if (!pressed || now - state.phaseSince < probeEveryMs || known >= largestRate) return state;
      const rate = Math.min(largestRate, known * probingFactor);
      return { ...state, ...restart, phase: 'probing', phaseSince: now, rate };
    }
    case 'probing': {
      const known = state.learnedRate ?? state.rate;
      const excess = state.windowCalls - (known * elapsed) / 1000;
      // More than upstream's own bucket can hide came through: it admits more than it did.
      if (excess > 1.5 * Math.max(known, learnedBurst(state))) {
        return {
          ...state,
          ...restart,
          phase: 'confirming',
          phaseSince: now,
          lowered: false,
          windowTight: false,
        };
      }
      return rested || elapsed > longestProbeMs ? hold(state, known, now) : state;
    }
  }
}

function hold(state: BucketState, learnedRate: number, now: number): BucketState {
  // A rate that few calls were counted for is known less well: most of a call in those of a measurement.
  const measuredCalls = (learnedRate * confirmingMs) / 1000;
  const rate = learnedRate * Math.min(heldShare, 1 - 0.7 / Math.max(1, measuredCalls));
  const window = { windowSince: now, windowCalls: 0, windowTight: false };
  return { ...state, ...window, phase: 'holding', phaseSince: now, rate, learnedRate };
}

function confirm(state: BucketState, guess: number, now: number): BucketState {
  const rate = guess * confirmingFactor;
  return { ...state, phase: 'confirming', phaseSince: now, rate, learnedRate: guess, lowered: false };
}

/** Next to nothing came through since the last throttle: pauses grow, and after the first the rate is halved. */
function learnNothing(state: BucketState, now: number, repeats: number): BucketState {
  const known = state.learnedRate ?? state.rate;
  if (state.phase === 'probing') return hold(state, known, now);
  if (repeats === 0) return state;
  if (state.phase === 'holding')
    return confirm(state, Math.min(known, Math.max(smallestBlindRate, known / 2)), now);
  return { ...state, rate: Math.max(Math.min(smallestBlindRate, state.rate), state.rate / 2) };
}

/** What a new throttle says about the rate. */
function learnRate(
  state: BucketState,
  { now, soon, repeats }: { now: number; soon: boolean; repeats: number },
): BucketState {
  const { windowCalls } = state;
  const seconds = Math.max(0.001, (now - state.windowSince) / 1000);
  const measured = windowCalls / seconds;
  switch (state.phase) {
    case 'searching': {
      // A bucket of one second's worth is what such limits usually have; confirming shows whether it is so.
      const guess = Math.max(smallestRate, windowCalls / (seconds + 1));
      return { ...confirm(state, guess, now), burstCalls: windowCalls, burstSeconds: seconds };
    }
    case 'confirming': {
      if (!state.windowTight) return confirm(state, state.rate / raisingFactor, now);
      if (!soon) return hold(state, measured, now);
      const rate = Math.max(smallestRate, state.rate / 2, Math.min(state.rate * 0.9, measured * 1.05));
      return { ...state, rate: Math.min(rate, state.rate), learnedRate: rate, lowered: true };
    }
    case 'holding': {
      const known = state.learnedRate ?? state.rate;
      // Straight after a rest or a pause it was the burst that was too much, not the rate.
      if (seconds * 1000 < soonMs && learnedBurst(state) >= leaseSize(state)) {
        return { ...state, burstCalls: 0, burstSeconds: 0 };
      }
      if (soon && repeats > 0) return confirm(state, Math.max(smallestRate, known / 2), now);
      const again = state.windowTight && seconds * 1000 < steadyMs;
      return again ? hold(state, Math.min(known, Math.max(known / 2, measured)), now) : state;
    }
    case 'probing':
      // The limit is about where it was: measuring it again mends what was learned in a bad moment.
      return confirm(state, state.learnedRate ?? measured, now);
  }
}
