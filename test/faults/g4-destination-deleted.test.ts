import { expect } from 'vitest';
import {
  accept,
  countedByTikTok,
  judgeConversions,
  requestsTo,
  settled,
  startConversionRig,
  statuses,
} from './support/conversions.ts';
import { fault } from './support/fault.ts';

const events = 1_000;

fault(
  {
    id: 'G4',
    title:
      'a destination is deleted while events for it are under way and wait: each is settled with the reason, none is claimed, the other destinations go on',
  },
  async (trial) => {
    const rig = await startConversionRig(trial);
    // Counted by TikTok and never answered: nobody will know what became of them. Whatever comes next has to wait.
    await rig.disturb(
      { kind: 'hang_after', route: 'tiktok_events', times: 1 },
      { kind: 'throttle', route: 'tiktok_events', in_body: true, times: null },
    );
    const acknowledged = await accept(rig, 'sent', 100);
    await rig.until(async () => (await countedByTikTok(rig)).size > 0, 'TikTok has the request');
    const counted = (await countedByTikTok(rig)).size;
    acknowledged.push(...(await accept(rig, 'waiting', events)));
    const answer = await fetch(`${rig.apiUrl}/api/v1/destinations/tiktok`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${rig.apiKey}` },
    });
    expect(answer.status).toBe(204);
    await settled(rig);
    const reasons = await rig.sql<
      { event: string; status: string; reason: string | null; deliveries: number }[]
    >`
      select split_part(event_id, '-', 1) as event, status, reason, count(*) as deliveries from deliveries
      where destination_id = 'tiktok' group by 1, 2, 3 order by 1 desc, 2`;
    expect(reasons.filter(({ event }) => event === 'waiting')).toEqual([
      { event: 'waiting', status: 'SKIPPED', reason: 'The destination was deleted', deliveries: events },
    ]);
    // What came too late for the request that was not answered waited, too.
    const sent = reasons.find(({ event, status }) => event === 'sent' && status === 'FAILED');
    expect(sent).toMatchObject({ reason: 'OUTCOME_UNKNOWN', deliveries: counted });
    for (const other of ['meta', 'google_ads'])
      expect(await statuses(rig, other)).toEqual({ DELIVERED: acknowledged.length });

    const requests = await requestsTo(rig, 'tiktok_events');
    const later = await accept(rig, 'later', 10);
    await settled(rig);
    expect(await requestsTo(rig, 'tiktok_events')).toBe(requests);
    const [made] = await rig.sql`
      select count(*) as deliveries from deliveries where destination_id = 'tiktok' and event_id like 'later%'`;
    expect(made).toEqual({ deliveries: 0 });
    expect(later).toHaveLength(10);
    return {
      done: `TikTok's destination deleted with ${counted} events sent and unanswered and ${events} waiting`,
      verdict: await judgeConversions(rig, acknowledged),
    };
  },
);
