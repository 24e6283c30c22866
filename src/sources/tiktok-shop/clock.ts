/** The upstream's clock as seen through its `Date` headers. */
export interface UpstreamClock {
  /** Upstream's present time, milliseconds since 1970; the local clock before the first answer. */
  upstreamNow(): number;
  /** The latest that upstream's present time can be, milliseconds: whoever asks up to it misses nothing that is there. */
  upstreamNowAtLatest(): number;
  /** Present reading for {@link UpstreamClock.observe}: monotonic milliseconds. */
  monotonicNow(): number;
  /**
   * Learns from one answer.
   *
   * @param dateHeader the `Date` header as received; absent or unreadable ones teach nothing.
   * @param sentAt monotonic reading when the request left.
   * @param receivedAt monotonic reading when the answer was there.
   * @returns the header's time in milliseconds, or null.
   */
  observe(dateHeader: string | undefined, sentAt: number, receivedAt: number): number | null;
}

export interface ClockSources {
  /** Milliseconds since 1970; may jump. */
  wall?: () => number;
  /** Milliseconds since some start; never steps back. */
  monotonic?: () => number;
}

/** Answers of one upstream may come from machines that are this far apart without being a new time. */
const toleranceMs = 2_000;

/** TikTok refuses calls that are stamped more than 30 seconds ahead of its time, or more than 5 minutes behind it. */
const mostAheadMs = 30_000;
const mostBehindMs = 300_000;

/**
 * Whether a `Date` header cannot be TikTok's time, for TikTok accepted the stamp of the very call. A gateway in between
 * whose clock is fast must not move a watermark over changes that are yet to come. What passes is less than five minutes
 * ahead of TikTok's time, whatever the local clock says: as much as the next sync reads again.
 *
 * @param stampedAt what the accepted call was stamped with, milliseconds
 * @param tookMs from sending the call to having its answer
 */
export function isAheadOfAcceptedStamp(
  dateHeader: string | undefined,
  { stampedAt, tookMs }: { stampedAt: number; tookMs: number },
): boolean {
  const date = dateHeader === undefined ? Number.NaN : Date.parse(dateHeader);
  return date > stampedAt + mostBehindMs - mostAheadMs + tookMs;
}

/**
 * Follows the upstream's clock on top of the monotonic one, so that a local clock that is wrong or is set in the
 * middle of a run changes nothing. Each answer bounds the offset: its date, cut to whole seconds, was true at some
 * moment between sending and receiving; the bounds of many answers narrow each other down.
 */
export function createUpstreamClock(sources: ClockSources = {}): UpstreamClock {
  const wall = sources.wall ?? Date.now;
  const monotonic = sources.monotonic ?? (() => performance.now());
  let bounds: { low: number; high: number } | null = null;

  return {
    upstreamNow() {
      return bounds === null ? wall() : Math.round(monotonic() + (bounds.low + bounds.high) / 2);
    },
    upstreamNowAtLatest() {
      return bounds === null ? wall() : Math.ceil(monotonic() + bounds.high);
    },
    monotonicNow: monotonic,
    observe(dateHeader, sentAt, receivedAt) {
      const date = dateHeader === undefined ? Number.NaN : Date.parse(dateHeader);
      if (Number.isNaN(date)) return null;
      const low = date - receivedAt;
      const high = date + 1_000 - sentAt;
      bounds = bounds === null ? { low, high } : narrow(bounds, low, high);
      return date;
    },
  };
}

function narrow(bounds: { low: number; high: number }, low: number, high: number) {
  const narrowed = { low: Math.max(bounds.low, low), high: Math.min(bounds.high, high) };
  if (narrowed.low <= narrowed.high) return narrowed;
  // A little apart: clocks of two machines, or slow drift; keep both in view. Far apart: the time was set.
  if (narrowed.low - narrowed.high <= toleranceMs) return { low: narrowed.high, high: narrowed.low };
  return { low, high };
}
