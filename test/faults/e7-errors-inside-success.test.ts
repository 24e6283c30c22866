import { expect } from 'vitest';
import { callControl } from '../../simulator/conversions/testing.ts';
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

fault(
  {
    id: 'E7',
    title:
      'TikTok throttles (40100), calls the token dead (40105) and a parameter bad (40002), each inside of HTTP 200: it waits, pauses the destination, and gives up the one event',
  },
  async (trial) => {
    const rig = await startConversionRig(trial);
    const { address } = rig.simulator;
    const delivered = async () => (await statuses(rig, 'tiktok')).DELIVERED ?? 0;

    await rig.disturb({ kind: 'throttle', route: 'tiktok_events', in_body: true, times: 1 });
    const throttled = await accept(rig, 'throttled', 100);
    await rig.until(async () => (await statuses(rig, 'tiktok')).RETRYING !== undefined, 'TikTok throttles');
    expect((await countedByTikTok(rig)).size).toBe(0);
    await settled(rig);
    expect(await delivered()).toBe(100);

    await callControl(address, 'POST', 'conversions/tokens/tiktok', { state: 'revoked' });
    const held = await accept(rig, 'held', 100);
    const destination = () =>
      rig.api.get<{ status: string; pause_reason: string }>('/api/v1/destinations/tiktok');
    await rig.until(async () => (await destination()).status === 'paused', 'the destination is paused');
    expect((await destination()).pause_reason).toContain('40105');
    const requests = await requestsTo(rig, 'tiktok_events');
    held.push(...(await accept(rig, 'later', 100)));
    await rig.until(
      async () => (await statuses(rig, 'meta')).DELIVERED === 300,
      'the other platforms have everything',
    );
    expect(await statuses(rig, 'tiktok')).toEqual({ DELIVERED: 100, PENDING: 200 });
    expect(await requestsTo(rig, 'tiktok_events')).toBe(requests);
    await callControl(address, 'POST', 'conversions/tokens/tiktok', { state: 'valid' });
    await rig.api.post('/api/v1/destinations/tiktok/resume', {});
    await settled(rig);
    expect(await delivered()).toBe(300);

    const bad = ['bad-7', 'bad-80'];
    const refusal = { platform: 'tiktok', event_ids: bad };
    await callControl(address, 'POST', 'conversions/refusals', { ...refusal, way: 'unnamed' });
    const mixed = await accept(rig, 'bad', 100);
    await settled(rig);
    const failed = await rig.sql`
      select event_id, left(reason, 5) as code from deliveries
      where destination_id = 'tiktok' and status = 'FAILED' order by event_id`;
    expect(failed).toEqual(bad.map((event_id) => ({ event_id, code: '40002' })));
    return {
      done: 'TikTok throttled, refused the token, and refused two events, each inside of HTTP 200',
      verdict: await judgeConversions(rig, [...throttled, ...held, ...mixed]),
    };
  },
);
