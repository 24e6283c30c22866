import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { beginClaim, claimDue } from '../../src/deliveries/claims.ts';
import { type DeliveryRig, startDeliveryRig } from '../support/delivery-rig.ts';
import { answer } from '../support/tiktok-events.ts';

let rig: DeliveryRig;
const rigs: DeliveryRig[] = [];

beforeEach(async () => {
  rig = await startDeliveryRig();
  rigs.push(rig);
  await rig.addDestination('pixel');
});

afterAll(async () => {
  for (const one of rigs) await one.close();
});

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `e${index}`);

/** What is reported as delivered is what the platform has counted, each once. */
async function expectTruth(destinationId = 'pixel'): Promise<void> {
  const delivered = (await rig.rows(destinationId))
    .filter(({ status }) => status === 'DELIVERED')
    .map(({ platform_event: event, event_id: id }) => `${event} ${id}`);
  expect(delivered.toSorted()).toEqual([...rig.platform.counted.keys()].toSorted());
}

describe('deliveries', () => {
  it('are sent in batches and settled one by one', async () => {
    await rig.accept(ids(1_000));
    await rig.accept(ids(1_500));
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ DELIVERED: 1_500 });
    expect(rig.platform.received).toHaveLength(2);
    expect(rig.platform.received[0]?.headers['access-token']).toBe('a-token');
    await expectTruth();
  });

  it('are not delivered because of HTTP 200', async () => {
    rig.platform.react(answer(40_002, 'Batch.0.properties.value: Not a valid number'));
    await rig.accept(['bad']);
    await rig.deliver();
    const [row] = await rig.rows();
    expect(row).toMatchObject({ status: 'FAILED', attempts: 1 });
    expect(row?.reason).toContain('Not a valid number');
    await expectTruth();
  });

  it('lose only the event that the platform names, or that halves lead to', async () => {
    const refuse = (id: string, message: (position: number) => string) =>
      rig.platform.react((response, body, count) => {
        const position = body.data.findIndex(({ event_id }) => event_id === id);
        if (position === -1) return answer(0)(response, body, count);
        return answer(40_002, message(position))(response, body, count);
      });
    refuse('e7', (position) => `Batch.${position}.user.email: wrong`);
    await rig.accept(ids(20));
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ DELIVERED: 19, FAILED: 1 });

    refuse('f11', () => 'something is wrong');
    await rig.accept(ids(20).map((id) => id.replace('e', 'f')));
    await rig.deliver();
    const failed = (await rig.rows()).filter(({ status }) => status === 'FAILED');
    expect(failed.map(({ event_id }) => event_id)).toEqual(['e7', 'f11']);
    await expectTruth();
  });

  it('of an unknown outcome are sent again under the same id, and counted once', async () => {
    // Counted, and never answered.
    rig.platform.react((_, __, count) => count(), answer(0));
    await rig.accept(ids(5));
    const { nextDueAt } = await rig.deliver();
    expect(await rig.statuses()).toEqual({ RETRYING: 5 });
    expect(nextDueAt).toBeGreaterThan(Date.now());
    await rig.hurry();
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ DELIVERED: 5 });
    const sent = rig.platform.received.map(({ body }) => JSON.parse(body).data);
    expect(sent[0]).toEqual(sent[1]);
    await expectTruth();
  });

  it('of an unknown outcome are left to a person once the platform no longer tells doubles apart', async () => {
    rig.platform.react(() => undefined, answer(0));
    await rig.accept(['e0']);
    await rig.deliver();
    await rig.sql`update deliveries set first_sent_at = first_sent_at - interval '48 hours'`;
    await rig.hurry();
    await rig.deliver();
    expect(await rig.rows()).toMatchObject([{ status: 'FAILED', reason: 'OUTCOME_UNKNOWN', attempts: 1 }]);
    expect(rig.platform.received).toHaveLength(1);
  });

  it('wait unspent while only a person can help, and go on by themselves', async () => {
    rig.platform.react(answer(40_105, 'Access token is incorrect'), answer(0));
    await rig.accept(ids(3));
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ PENDING: 3 });
    const [stopped] = await rig.sql`select status, paused_by, pause_reason from destinations`;
    expect(stopped).toMatchObject({ status: 'paused', paused_by: 'engine' });
    expect(stopped?.pause_reason).toContain('Access token is incorrect');
    await rig.accept(['late']);
    expect(await rig.deliver()).toEqual({ nextDueAt: null });
    expect(rig.platform.received).toHaveLength(1);
    await rig.sql`update destinations set status = 'active', paused_by = null, updated_at = now()`;
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ DELIVERED: 4 });
    await expectTruth();
  });

  it('that a dead worker was sending are sent again, others go on as if nothing was', async () => {
    await rig.accept(ids(4));
    await rig.sql`update deliveries set status = 'SENDING', next_attempt_at = null, claim = 7`;
    await rig.sql`
      insert into delivery_requests (destination_id, claim, deliveries, sent_at, mapping_version, request_path)
      select 'pixel', 7, array_agg(delivery_id), now() - interval '1 minute', 1, '/'
      from deliveries where event_id in ('e0', 'e1')`;
    await rig.deliver();
    const rows = await rig.rows();
    expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'DELIVERED'));
    expect(rows.map(({ attempts }) => attempts)).toEqual([2, 2, 1, 1]);
    await expectTruth();
  });

  it('are not spoken for by a worker that was frozen while another took over', async () => {
    // The first never hears an answer; the second is there before it gives up.
    rig.platform.react(() => undefined, answer(0));
    await rig.accept(['e0']);
    const frozen = rig.deliver();
    while (rig.platform.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await rig.deliver();
    expect(await rig.rows()).toMatchObject([{ status: 'DELIVERED' }]);
    await frozen;
    expect(await rig.rows()).toMatchObject([{ status: 'DELIVERED' }]);
    await expectTruth();
  });

  it('say why they are skipped', async () => {
    await rig.accept(['canceled'], { event_name: 'TRIAL_CANCELED' });
    await rig.accept(['nobody'], { user: {} });
    await rig.accept(['old'], { event_time: Math.floor(Date.now() / 1_000) - 8 * 86_400 });
    await rig.accept(['trial'], { event_name: 'TRIAL_BOOKED' });
    await rig.accept(['trial'], { event_name: 'TRIAL_RESCHEDULED' });
    await rig.addDestination('unset', { pixel_id: undefined }, {});
    await rig.deliver();
    const [row] = await rig.sql<{ id: number }[]>`
      select delivery_id as id from deliveries where event_name = 'TRIAL_BOOKED' and destination_id = 'pixel'`;
    expect((await rig.rows()).map(({ reason }) => reason)).toEqual([
      'No TikTok event mapping for: TRIAL_CANCELED',
      'Missing ttclid/ttp and user identifiers (email/phone)',
      'Too old: 8.0 days, the platform counts 7',
      null,
      `Duplicate of dlv_${row?.id}`,
    ]);
    await rig.accept(['any']);
    await rig.deliver('unset');
    expect((await rig.rows('unset')).map(({ reason }) => reason)).toEqual([
      'Missing env: TIKTOK_PIXEL_ID, TIKTOK_ACCESS_TOKEN',
    ]);
    await expectTruth();
  });

  it('send nothing in mock mode', async () => {
    rig.dependencies.outboundMode = 'mock';
    await rig.accept(['e0']);
    await rig.deliver();
    expect(await rig.rows()).toMatchObject([{ status: 'SKIPPED', reason: 'TIKTOK mock mode', attempts: 0 }]);
    expect(rig.platform.received).toHaveLength(0);
  });

  it('expire when they have waited for too long', async () => {
    rig.platform.react(answer(50_000, 'busy'));
    await rig.accept(['e0']);
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ RETRYING: 1 });
    await rig.sql`update conversion_events set event_time = event_time - interval '8 days'`;
    await rig.sql`update deliveries set created_at = created_at - interval '8 days'`;
    await rig.hurry();
    await rig.deliver();
    const [row] = await rig.rows();
    expect(row).toMatchObject({ status: 'EXPIRED' });
    expect(row?.reason).toMatch(/^Too old: /);
  });

  it('are spared while the platform is away', async () => {
    rig.platform.react((response) => response.writeHead(502).end('<html>nginx</html>'));
    await rig.accept(ids(100));
    for (let round = 0; round < 5; round += 1) {
      await rig.sql`update deliveries set next_attempt_at = now() where status = 'RETRYING'`;
      await rig.deliver();
    }
    const requests = rig.platform.received.length;
    await rig.sql`update deliveries set next_attempt_at = now() where status = 'RETRYING'`;
    const { nextDueAt } = await rig.deliver();
    // Held back: at most one small request to find out.
    expect(rig.platform.received.length - requests).toBeLessThanOrEqual(1);
    expect(nextDueAt).toBeGreaterThan(Date.now());
    rig.platform.react(answer(0));
    await rig.hurry();
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ DELIVERED: 100 });
    await expectTruth();
  });

  it('of a backlog do not hold up what has just come in', async () => {
    await rig.accept(ids(1_000));
    await rig.accept(ids(2_000));
    await rig.accept(ids(3_000));
    await rig.sql`update deliveries set next_attempt_at = now() - interval '1 hour'`;
    await rig.accept(['fresh']);
    // Requests of several claims are on their way at once: which of them comes first says nothing.
    const claim = await beginClaim(rig.sql, 'pixel');
    const first = claim === null ? [] : await claimDue(rig.sql, claim, 1_000);
    expect(first.map(({ event_id }) => event_id)).toContain('fresh');
    await rig.deliver();
    expect(await rig.statuses()).toEqual({ DELIVERED: 3_001 });
    await expectTruth();
  });
});
