import { expect } from 'vitest';
import { accept, judgeConversions, offer, settled, startConversionRig } from './support/conversions.ts';
import { fault } from './support/fault.ts';
import { waitingConnections, whileHeld } from './support/webhooks.ts';

const events = 20;

fault(
  {
    id: 'A6',
    title: 'SIGKILL of the API before events are stored: nothing was promised, the repeat does it',
  },
  async (trial) => {
    const rig = await startConversionRig(trial);
    await whileHeld(rig, 'lock table conversion_events in share mode', async () => {
      const lost = offer(rig, 'lost', events);
      await rig.until(async () => (await waitingConnections(rig)).length > 0, 'the events wait');
      const waiting = await waitingConnections(rig);
      await rig.kill('api');
      // A statement that waits for a lock does not notice that whoever asked is gone.
      await rig.sql`select pg_terminate_backend(pid) from unnest(${waiting}::integer[]) as waiting(pid)`;
      expect(await lost).toBeNull();
    });
    await rig.apiIsBack();
    expect(await rig.sql`select 1 from conversion_events`).toHaveLength(0);
    const acknowledged = await accept(rig, 'lost', events);
    await settled(rig);
    return {
      done: `API killed before it stored ${events} events, events sent again`,
      verdict: await judgeConversions(rig, acknowledged),
    };
  },
);
