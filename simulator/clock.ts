/** Upstream's clock. Tests set an offset to play a platform, or a client, whose clock is wrong. */
export class SimulatorClock {
  offsetMs = 0;
  /** By how much the `Date` headers are off, as behind a gateway with a clock of its own. */
  headerOffsetMs = 0;

  /** Milliseconds since 1970 as the simulator sees it. */
  nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  /** The `Date` header of an answer. */
  header(): string {
    return new Date(this.nowMs() + this.headerOffsetMs).toUTCString();
  }

  /** Whole Unix seconds as the simulator sees them. */
  now(): number {
    return Math.floor(this.nowMs() / 1000);
  }
}
