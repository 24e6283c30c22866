import { expect } from 'vitest';
import { accept, judgeConversions, settled, startConversionRig, statuses } from './support/conversions.ts';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'C2',
    title: 'events are accepted while Temporal is away: stored at once, delivered afterwards',
  },
  async (trial) => {
    const rig = await startConversionRig(trial);
    const frozen = rig.signal('temporal', 'SIGSTOP');
    const ids: string[] = [];
    for (let nth = 1; nth <= 5; nth += 1) ids.push(...(await accept(rig, `away${nth}`, 100)));
    for (const destination of ['tiktok', 'meta', 'google_ads'])
      expect(await statuses(rig, destination)).toEqual({ PENDING: 500 });
    process.kill(frozen, 'SIGCONT');
    await settled(rig);
    expect(await statuses(rig, 'tiktok')).toEqual({ DELIVERED: 500 });
    return {
      done: `${ids.length} events accepted while Temporal was frozen`,
      verdict: await judgeConversions(rig, ids),
    };
  },
);
