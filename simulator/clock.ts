/** Upstream's clock. Tests set an offset to play a platform, or a client, whose clock is wrong. */
export class SimulatorClock {
  offsetMs = 0;

  /** Milliseconds since 1970 as the simulator sees it. */
  nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  /** Whole Unix seconds as the simulator sees them. */
  now(): number {
    return Math.floor(this.nowMs() / 1000);
  }
}
