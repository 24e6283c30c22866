import { describe, expect, it } from 'vitest';
import { createUpstreamClock, isAheadOfAcceptedStamp, type UpstreamClock } from './clock.ts';

const header = (ms: number) => new Date(ms).toUTCString();
const noon = Date.UTC(2026, 10, 25, 12);

function observeAtOnce(clock: UpstreamClock, dateHeader: string): void {
  clock.observe(dateHeader, clock.monotonicNow(), clock.monotonicNow());
}

function setUp(localError = 0) {
  let elapsed = 5_000;
  let wallError = localError;
  const clock = createUpstreamClock({
    wall: () => noon + elapsed + wallError,
    monotonic: () => elapsed,
  });
  return {
    clock,
    pass: (ms: number) => {
      elapsed += ms;
    },
    stepLocalClock: (ms: number) => {
      wallError += ms;
    },
    truth: () => noon + elapsed,
  };
}

describe('upstream clock', () => {
  it('is the local clock until it has learned', () => {
    const { clock, truth } = setUp(600_000);
    expect(clock.upstreamNow()).toBe(truth() + 600_000);
    expect(clock.observe('nonsense', 0, 0)).toBeNull();
    expect(clock.observe(undefined, 0, 0)).toBeNull();
    expect(clock.upstreamNow()).toBe(truth() + 600_000);
  });

  it.each([-600_000, 600_000, 86_400_000])(
    'is right within a second although the local clock is %i ms off',
    (error) => {
      const { clock, pass, truth } = setUp(error);
      const sent = clock.monotonicNow();
      pass(80);
      expect(clock.observe(header(truth()), sent, clock.monotonicNow())).toBe(
        Math.floor(truth() / 1000) * 1000,
      );
      expect(Math.abs(clock.upstreamNow() - truth())).toBeLessThan(1_000);
    },
  );

  it('comes closer with every answer', () => {
    const { clock, pass, truth } = setUp(-3_000);
    for (let index = 0; index < 60; index++) {
      const sent = clock.monotonicNow();
      pass(15);
      clock.observe(header(truth()), sent, clock.monotonicNow());
      pass(322);
    }
    expect(Math.abs(clock.upstreamNow() - truth())).toBeLessThan(60);
  });

  it('says the latest that the time can be, which is never before the true one', () => {
    const { clock, pass, truth } = setUp(-3_000);
    for (const ms of [0, 130, 700, 999, 4_321]) {
      pass(ms);
      const sent = clock.monotonicNow();
      pass(20);
      clock.observe(header(truth()), sent, clock.monotonicNow());
      expect(clock.upstreamNowAtLatest()).toBeGreaterThanOrEqual(truth());
      expect(clock.upstreamNowAtLatest() - truth()).toBeLessThanOrEqual(1_020);
    }
  });

  it('does not care when the local clock is set in the middle', () => {
    const { clock, pass, stepLocalClock, truth } = setUp();
    observeAtOnce(clock, header(truth()));
    const before = clock.upstreamNow();
    stepLocalClock(-3_600_000);
    pass(1_000);
    expect(clock.upstreamNow() - before).toBe(1_000);
  });

  it('follows when upstream itself is set, and bears with machines that differ a little', () => {
    const { clock, pass, truth } = setUp();
    observeAtOnce(clock, header(truth()));
    pass(5_000);
    observeAtOnce(clock, header(truth() + 1_500));
    expect(Math.abs(clock.upstreamNow() - truth())).toBeLessThan(2_500);
    observeAtOnce(clock, header(truth() + 3_600_000));
    expect(Math.abs(clock.upstreamNow() - truth() - 3_600_000)).toBeLessThan(1_001);
  });
});

describe('a date header', () => {
  const isFalse = (aheadMs: number, tookMs = 0): boolean =>
    isAheadOfAcceptedStamp(header(noon + aheadMs), { stampedAt: noon, tookMs });

  it('cannot be true where it is further ahead than a stamp that TikTok accepted lets it be', () => {
    expect([86_400_000, 300_000, 271_000].map((ahead) => isFalse(ahead))).toEqual([true, true, true]);
    expect([269_000, 60_000, 0, -86_400_000].map((ahead) => isFalse(ahead))).toEqual(Array(4).fill(false));
    expect(isFalse(280_000, 20_000)).toBe(false);
  });

  it('says nothing where it is missing or no date', () => {
    for (const text of [undefined, '', 'soon'])
      expect(isAheadOfAcceptedStamp(text, { stampedAt: noon, tookMs: 0 })).toBe(false);
  });
});
