import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { accept, judgeConversions, settled, startConversionRig, statuses } from './support/conversions.ts';
import { fault, type Trial } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { temporalProgram } from './support/temporal-program.ts';

/** One batch a second, so that as many batches are as many seconds: ten minutes in full. */
const times = { quick: 10, full: 600 };
const underWay = 1_000;
const eventsAtOnce = 5;

fault(
  {
    id: 'C2',
    title:
      'Temporal hangs for ten minutes while events are under way and come in: all are stored, and counted once',
    times,
  },
  async (trial) => {
    const rig = await startConversionRig(trial);
    return withoutTemporal(trial, rig, 'frozen', () => {
      const frozen = rig.signal('temporal', 'SIGSTOP');
      return () => void process.kill(frozen, 'SIGCONT');
    });
  },
);

fault(
  {
    id: 'C2',
    title:
      'Temporal is killed and cannot start for ten minutes while events are under way and come in: all are stored, and counted once',
    times,
  },
  async (trial) => {
    const program = await temporalProgram(
      trial.cleanUp,
      (folder) => `[ -e '${join(folder, 'away')}' ] && exit 1`,
    );
    const obstacle = join(dirname(program), 'away');
    const rig = await startConversionRig(trial, { TIDELINE_TEMPORAL_BIN: program });
    return withoutTemporal(trial, rig, 'killed', () => {
      writeFileSync(obstacle, '');
      rig.signal('temporal', 'SIGKILL');
      return () => rmSync(obstacle);
    });
  },
);

/** Takes Temporal away while requests are under way, lets events come in, and gives it back. */
async function withoutTemporal(
  { times: seconds }: Trial,
  rig: FaultRig,
  how: string,
  takeAway: () => () => void,
) {
  await rig.settings({ latency: 400 });
  const acknowledged = await accept(rig, 'before', underWay);
  await rig.until(async () => {
    const [sent] = await rig.sql`select 1 from delivery_requests where deliveries is not null limit 1`;
    return sent !== undefined;
  }, 'a request is under way');
  const giveBack = takeAway();
  const begun = performance.now();
  for (let batch = 0; batch < seconds; batch += 1) {
    acknowledged.push(...(await accept(rig, `away${batch}`, eventsAtOnce)));
    await sleep(Math.max(0, begun + (batch + 1) * 1_000 - performance.now()));
  }
  expect(await rig.ready()).toBe(false);
  giveBack();
  const returned = performance.now();
  await rig.settings({ latency: 0 });
  await settled(rig);
  const drained = Math.round((performance.now() - returned) / 1_000);
  // Nothing is left of the time without: what comes now goes the usual way.
  acknowledged.push(...(await accept(rig, 'after', eventsAtOnce)));
  await settled(rig);
  for (const destination of ['tiktok', 'meta', 'google_ads'])
    expect(await statuses(rig, destination)).toEqual({ DELIVERED: acknowledged.length });
  return {
    done: `Temporal ${how} for ${seconds} s with ${underWay} events under way and ${seconds * eventsAtOnce} coming in`,
    verdict: await judgeConversions(rig, acknowledged),
    note: `all settled ${drained} s after it was back`,
  };
}
