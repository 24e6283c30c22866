import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lease, pauseUntil, throttle } from './bucket.ts';
import { type BucketLimits, type BucketState, learnedBurst, leaseSize, newBucket } from './bucket-state.ts';
import { type Played, play } from './testing/played-upstream.ts';

const limits: BucketLimits = { largestRate: 200 };
const twenty = { rate: 20, burst: 20, latencyMs: 5, retryAfterMs: 1_000 };

/** Calls that came through between two moments, for each second. */
function admittedRate({ calls }: Played, from: number, to: number): number {
  const admitted = calls.filter(({ at, throttled }) => at >= from && at < to && !throttled);
  return (admitted.length / (to - from)) * 1000;
}

describe('the request budget against an upstream with a token bucket', () => {
  it('learns rate and burst within seconds and holds nearly all of the rate', () => {
    const played = play({ upstream: twenty, limits, ms: 120_000 });
    expect(played.state.phase).toBe('holding');
    expect(played.state.learnedRate).toBeGreaterThan(19.7);
    expect(played.state.learnedRate).toBeLessThan(20.3);
    expect(learnedBurst(played.state)).toBeGreaterThan(15);
    expect(learnedBurst(played.state)).toBeLessThan(26);
    expect(admittedRate(played, 30_000, 120_000)).toBeCloseTo(19.7, 0);
    expect(played.calls.length / 20).toBeGreaterThan(120 / 1.06);
    expect(played.throttled / played.calls.length).toBeLessThan(0.01);
  });

  it.each([
    ['a slow upstream', { ...twenty, latencyMs: 150 }],
    ['no Retry-After', { ...twenty, retryAfterMs: null }],
    ['a long Retry-After', { ...twenty, retryAfterMs: 5_000 }],
    ['a small burst', { ...twenty, burst: 2 }],
    ['a large burst', { ...twenty, burst: 100 }],
    ['a high rate', { ...twenty, rate: 120, burst: 120 }],
    ['a low rate', { ...twenty, rate: 1, burst: 5 }],
  ])('uses most of what %s admits and throttles seldom', (_, upstream) => {
    const played = play({ upstream, limits, ms: 600_000 });
    expect(admittedRate(played, 120_000, 600_000)).toBeGreaterThan(upstream.rate * 0.85);
    expect(played.throttled / played.calls.length).toBeLessThan(0.03);
  });

  it('is not slowed where upstream has no limit', () => {
    const played = play({ upstream: { ...twenty, rate: 1e6, burst: 1e6 }, limits, ms: 10_000 });
    expect(played.calls.length).toBeGreaterThan(1_850);
    expect(played.state.learnedRate).toBeNull();
  });

  it('follows a limit that falls, and one that rises, which it finds out by a probe', () => {
    const changing = {
      ...twenty,
      rate: (ms: number) => (ms < 60_000 ? 20 : ms < 300_000 ? 5 : 40),
    };
    const played = play({ upstream: changing, limits, ms: 900_000 });
    expect(admittedRate(played, 120_000, 300_000)).toBeGreaterThan(4.5);
    expect(admittedRate(played, 700_000, 900_000)).toBeGreaterThan(34);
    expect(played.throttled / played.calls.length).toBeLessThan(0.02);
  });

  it('spends at most two calls in a hundred above the learned rate', () => {
    const played = play({ upstream: twenty, limits, ms: 1_800_000 });
    expect(played.probed / played.calls.length).toBeLessThan(0.025);
    expect(played.throttled / played.calls.length).toBeLessThan(0.005);
  });

  it('calls ever more seldom while every call is throttled, and comes back', () => {
    const down = {
      ...twenty,
      retryAfterMs: null,
      rate: (ms: number) => (ms > 60_000 && ms < 660_000 ? 0 : 20),
    };
    const played = play({ upstream: down, limits, ms: 800_000 });
    const during = played.calls.filter(({ at }) => at > 70_000 && at < 660_000);
    expect(during.length).toBeLessThan(60);
    expect(admittedRate(played, 760_000, 800_000)).toBeGreaterThan(17);
  });

  it('does not take a moment of bad luck for a lower limit', () => {
    const played = play({ upstream: twenty, limits, ms: 60_000 });
    const learned = played.state.learnedRate;
    const later = lease(played.state, limits, { now: 130_000, count: 1, unused: 0 }).state;
    const unlucky = throttle(later, limits, {
      now: 200_000,
      latencyMs: 5,
      retryAfterMs: 1_000,
      unused: 0,
      random: 0,
    });
    expect(unlucky).toMatchObject({ phase: 'holding', learnedRate: learned, blockedUntil: 201_000 });
  });
});

describe('the request budget', () => {
  it('refuses while upstream wants a pause, and books nothing then', () => {
    const state = pauseUntil(newBucket(0, limits), 60_000);
    const { state: after, answer } = lease(state, limits, { now: 10_000, count: 5, unused: 0 });
    expect(answer).toEqual({ count: 0, waitMs: 50_000 });
    expect(after.calls).toBe(0);
  });

  it('takes the throttles of calls that were on their way as one', () => {
    const first = { now: 1_000, latencyMs: 50, retryAfterMs: 1_000, unused: 3, random: 0.5 };
    const { state: used } = lease(newBucket(0, limits), limits, { now: 0, count: 10, unused: 0 });
    const once = throttle(used, limits, first);
    const again = throttle(once, limits, { ...first, now: 1_040, unused: 0 });
    expect(again).toMatchObject({ rate: once.rate, repeats: 0, throttled: 2, learnedRate: once.learnedRate });
    expect(again.blockedUntil).toBe(Math.max(once.blockedUntil, 2_040));
  });

  it('keeps within a bound that was lowered since it learned', () => {
    const { state } = play({ upstream: twenty, limits, ms: 60_000 });
    const { state: lowered } = lease(state, { largestRate: 5 }, { now: 61_000, count: 1, unused: 0 });
    expect(lowered.rate).toBe(5);
  });

  const event = fc.record({
    afterMs: fc.integer({ min: -50, max: 30_000 }),
    kind: fc.constantFrom('lease' as const, 'lease' as const, 'lease' as const, 'throttle' as const),
    count: fc.integer({ min: 1, max: 40 }),
    unused: fc.integer({ min: 0, max: 5 }),
    latencyMs: fc.integer({ min: 0, max: 3_000 }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 120_000 })),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });

  it('stays sound whatever happens in whatever order, with a clock that may step back', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        let now = 1_000_000;
        let state: BucketState = newBucket(now, limits);
        for (const { afterMs, kind, count, ...rest } of events) {
          now += afterMs;
          if (kind === 'lease') {
            const wanted = Math.min(count, leaseSize(state));
            const booked = lease(state, limits, {
              now,
              count: wanted,
              unused: Math.min(rest.unused, state.calls),
            });
            if (now < state.blockedUntil) expect(booked.answer.count).toBe(0);
            expect(booked.answer.waitMs).toBeGreaterThanOrEqual(0);
            state = booked.state;
          } else {
            state = throttle(state, limits, { ...rest, unused: 0, now });
            expect(state.blockedUntil).toBeGreaterThanOrEqual(now + (rest.retryAfterMs ?? 0));
          }
          expect(state.rate).toBeGreaterThan(0);
          expect(state.rate).toBeLessThanOrEqual(limits.largestRate);
          for (const value of Object.values(state)) {
            if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
          }
        }
      }),
    );
  });
});
