import { expect } from 'vitest';
import { accept, judgeConversions, offer, settled, startConversionRig } from './support/conversions.ts';
import { fault } from './support/fault.ts';
import { waitingConnections, whileHeld } from './support/webhooks.ts';

const events = 20;

fault(
  {
    id: 'A5',
    title: 'SIGKILL of the API after events were stored, before its answer: the repeat creates nothing',
  },
  async (trial) => {
    const rig = await startConversionRig(trial);
    const stored = () => rig.sql`select event_key from conversion_events order by event_key`;
    let lost: Promise<string[] | null> | null = null;
    // A row of the same name and id lets the statement wait in its very middle, with nothing left to ask the API for.
    const row = `
      insert into conversion_events (event_name, event_id, event_time, origin, medium, content, body_hash, parameters)
      values ('PURCHASE', 'lost-0', now(), 'held', 'web', '{}', '\\x00', 0)`;
    await whileHeld(rig, row, async () => {
      lost = offer(rig, 'lost', events);
      await rig.until(async () => (await waitingConnections(rig)).length > 0, 'the events wait');
      // Frozen, the API learns nothing of the commit that follows when the row is taken back.
      rig.signal('api', 'SIGSTOP');
    });
    await rig.until(async () => (await stored()).length === events, 'the events are stored');
    const before = await stored();
    await rig.kill('api');
    expect(await lost).toBeNull();
    await rig.apiIsBack();
    const acknowledged = await accept(rig, 'lost', events);
    expect(await stored()).toEqual(before);
    await settled(rig);
    return {
      done: `API killed between storing ${events} events and answering, events sent again`,
      verdict: await judgeConversions(rig, acknowledged),
    };
  },
);
