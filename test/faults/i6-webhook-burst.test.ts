import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { judgeWebhooks, post, settled, startWebhookRig, stripePurchase } from './support/webhooks.ts';

/** More at once than the API lets wait: it has to turn some away. */
const atOnce = 400;

fault(
  {
    id: 'I6',
    title: 'a burst of webhooks: whatever is acknowledged is stored, the rest is turned away',
    times: { quick: 2_000, full: 50_000 },
  },
  async (trial) => {
    const rig = await startWebhookRig(trial);
    const acknowledged: string[] = [];
    const waits: number[] = [];
    let next = 0;
    let turnedAway = 0;
    const send = async (): Promise<void> => {
      while (next < trial.times) {
        next += 1;
        const id = String(next);
        const startedAt = performance.now();
        const status = await post(rig, stripePurchase(id));
        waits.push(performance.now() - startedAt);
        if (status === 200) acknowledged.push(`cs_${id}`);
        else {
          expect(status).toBe(503);
          turnedAway += 1;
        }
      }
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: atOnce }, send));
    const seconds = (performance.now() - begun) / 1_000;
    expect(acknowledged.length).toBeGreaterThan(0);
    await settled(rig);
    waits.sort((left, right) => left - right);
    const within = (share: number): number => Math.round(waits[Math.ceil(waits.length * share) - 1] ?? 0);
    const shares = [0.5, 0.9, 0.95, 0.99, 1].map((share) => `${share * 100} % ${within(share)} ms`);
    return {
      done: `${trial.times} webhooks, ${atOnce} at once`,
      verdict: await judgeWebhooks(rig, acknowledged),
      note: `${Math.round(trial.times / seconds)}/s, ${turnedAway} turned away; answered within: ${shares.join(', ')}`,
    };
  },
);
