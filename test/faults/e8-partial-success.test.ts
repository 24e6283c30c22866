import { expect } from 'vitest';
import { callControl } from '../../simulator/conversions/testing.ts';
import {
  accept,
  countedByTikTok,
  judgeConversions,
  settled,
  startConversionRig,
} from './support/conversions.ts';
import { fault } from './support/fault.ts';

fault(
  {
    id: 'E8',
    title:
      'a partial success: only what failed is sent again, and what is refused for good fails by its name',
  },
  async (trial) => {
    const rig = await startConversionRig(trial);
    const { address } = rig.simulator;

    await rig.disturb({ kind: 'partial', route: 'tiktok_events', count: 10, listed: true });
    const listed = await accept(rig, 'listed', 100);
    await settled(rig);
    const ledger = await countedByTikTok(rig);
    // A second time only those that TikTok had not taken: nothing else was received twice.
    expect(listed.filter((id) => ledger.get(id)?.received !== 1)).toEqual([]);
    const [again] = await rig.sql<{ deliveries: number }[]>`
      select count(*) as deliveries from deliveries where destination_id = 'tiktok' and attempts = 2`;
    expect(again).toEqual({ deliveries: 10 });

    await rig.disturb({ kind: 'partial', route: 'tiktok_events', count: 10, listed: false });
    const blind = await accept(rig, 'blind', 100);
    await settled(rig);
    await callControl(address, 'POST', 'conversions/refusals', {
      ...{ platform: 'tiktok', event_ids: ['refused-3', 'refused-50'], way: 'listed' },
    });
    const refused = await accept(rig, 'refused', 100);
    await settled(rig);
    const failed = await rig.sql`
      select event_id from deliveries where destination_id = 'tiktok' and status = 'FAILED' order by event_id`;
    expect(failed).toEqual([{ event_id: 'refused-3' }, { event_id: 'refused-50' }]);
    return {
      done: 'partial successes with a list of ten, without a list, and with two events refused for good',
      verdict: await judgeConversions(rig, [...listed, ...blind, ...refused]),
    };
  },
);
