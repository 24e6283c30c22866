import { lease, throttle } from '../bucket.ts';
import { type BucketLimits, type BucketState, leaseSize, newBucket } from '../bucket-state.ts';

export interface PlayedUpstream {
  /** Calls a second, fixed or by the time since the start. */
  rate: number | ((ms: number) => number);
  burst: number;
  latencyMs: number;
  retryAfterMs: number | null;
}

export interface Played {
  state: BucketState;
  /** Calls in their order, at milliseconds since the start. */
  calls: { at: number; throttled: boolean }[];
  throttled: number;
  /** Calls made in the phase `probing`. */
  probed: number;
}

/**
 * Plays a worker that always wants to call against an upstream with a token bucket, in made-up time: a step is a
 * millisecond. Half of the answer's latency passes before upstream judges the call.
 */
export function play({
  upstream,
  limits,
  ms,
}: {
  upstream: PlayedUpstream;
  limits: BucketLimits;
  ms: number;
}): Played {
  const { burst, latencyMs, retryAfterMs } = upstream;
  const rateAt = typeof upstream.rate === 'number' ? () => upstream.rate as number : upstream.rate;
  const played: Played = { state: newBucket(0, limits), calls: [], throttled: 0, probed: 0 };
  const answers: { at: number; sentAt: number }[] = [];
  let tokens = burst;
  let booked = 0;
  let spacingMs = 0;
  let nextCallAt = 0;
  let retryAt = 0;
  let random = 0.5;
  for (let now = 0; now < ms; now++) {
    tokens = Math.min(burst, tokens + rateAt(now) / 1000);
    for (let answer = answers[0]; answer !== undefined && answer.at <= now; answer = answers[0]) {
      answers.shift();
      random = (random * 7.3 + 0.17) % 1;
      const event = { now, latencyMs: now - answer.sentAt, retryAfterMs, unused: booked, random };
      played.state = throttle(played.state, limits, event);
      booked = 0;
      retryAt = 0;
    }
    if (booked === 0 && now >= retryAt) {
      const count = leaseSize(played.state);
      const { state, answer } = lease(played.state, limits, { now, count, unused: 0 });
      played.state = state;
      booked = answer.count;
      spacingMs = 'spacingMs' in answer ? answer.spacingMs : 0;
      if (answer.count === 0) retryAt = now + answer.waitMs;
      else nextCallAt = Math.max(nextCallAt, now + answer.waitMs);
    }
    while (booked > 0 && now >= nextCallAt) {
      booked--;
      nextCallAt += spacingMs;
      const throttled = tokens < 1;
      if (!throttled) tokens -= 1;
      played.calls.push({ at: now, throttled });
      if (played.state.phase === 'probing') played.probed++;
      if (throttled) {
        played.throttled++;
        answers.push({ at: now + latencyMs, sentAt: now });
      }
    }
  }
  return played;
}
