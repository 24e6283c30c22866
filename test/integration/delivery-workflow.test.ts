import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseKeyRing } from '../../encryption/key-ring.ts';
import { createEventIntake, type EventIntake } from '../../src/conversions/accept-events.ts';
import { createConversionKey } from '../../src/conversions/seal.ts';
import { wakeDelivery } from '../../src/conversions/wake-delivery.ts';
import { createDataKeys } from '../../src/shops/data-keys.ts';
import { runCommand } from '../support/command.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';
import { answer, startTikTokEvents, type TikTokEvents } from '../support/tiktok-events.ts';

const workflowId = 'conversionDelivery/tiktok';

let rig: SyncRig;
let platform: TikTokEvents;
let intake: EventIntake;

beforeAll(async () => {
  platform = await startTikTokEvents();
  rig = await startSyncRig(['--orders-count', '10'], {
    TIKTOK_EVENTS_API_URL: platform.url,
    TIKTOK_PIXEL_ID: 'PIXEL',
    TIKTOK_ACCESS_TOKEN: 'a-token',
  });
  const keyRing = parseKeyRing(rig.processEnvironment.TIDELINE_ENCRYPTION_KEYS ?? '');
  const conversionKey = createConversionKey(rig.sql, createDataKeys(keyRing));
  intake = createEventIntake({ sql: rig.sql, conversionKey, wake: () => undefined });
});

afterAll(async () => {
  await rig.stop();
  await platform.close();
});

async function accept(prefix: string, count: number): Promise<void> {
  const event_time = Math.floor(Date.now() / 1_000) - 5;
  const events = Array.from({ length: count }, (_, index) => ({
    ...{ event_id: `${prefix}${index}`, event_name: 'PURCHASE', event_time },
    user: { email: `${prefix}${index}@example.com` },
  }));
  const { rejected } = await intake.acceptGiven(events, 'api');
  expect(rejected).toEqual([]);
}

async function statuses(): Promise<Record<string, number>> {
  const rows = await rig.sql<{ status: string; deliveries: number }[]>`
    select status, count(*) as deliveries from deliveries group by status`;
  return Object.fromEntries(rows.map(({ status, deliveries }) => [status, deliveries]));
}

async function untilDelivered(count: number): Promise<void> {
  await rig.until(async () => (await statuses()).DELIVERED === count, `${count} are delivered`);
  expect(await statuses()).toEqual({ DELIVERED: count });
  expect(platform.counted.size).toBe(count);
}

const historyLength = async (): Promise<number> =>
  (await rig.temporal.workflow.getHandle(workflowId).describe()).historyLength;

it('the environment makes its destination, and a wake delivers what waits with few events of history', async () => {
  const rows = await rig.sql`select destination_id, from_environment from destinations`;
  expect(rows).toEqual([{ destination_id: 'tiktok', from_environment: true }]);
  await accept('first', 1_000);
  await wakeDelivery(rig.temporal, 'tiktok');
  await untilDelivered(1_000);
  const before = await historyLength();
  await accept('second', 1_000);
  await accept('third', 1_000);
  await wakeDelivery(rig.temporal, 'tiktok');
  await untilDelivered(3_000);
  expect(platform.received).toHaveLength(3);
  expect((await historyLength()) - before).toBeLessThan(2 * 10);
});

it('a worker killed between the send and the record loses nothing and counts nothing twice', async () => {
  // Counted, and no answer before the worker is dead.
  platform.react((_, __, count) => count(), answer(0));
  const requests = platform.received.length;
  await accept('killed', 500);
  await wakeDelivery(rig.temporal, 'tiktok');
  await rig.until(async () => platform.received.length > requests, 'the platform has the request');
  process.kill(rig.pidOf('worker'), 'SIGKILL');
  await untilDelivered(3_500);
  const [attempts] = await rig.sql`
    select count(*) as deliveries from deliveries where event_id like 'killed%' and attempts = 2`;
  expect(attempts).toEqual({ deliveries: 500 });
});

it('what nobody was told of is found by the schedule', async () => {
  await accept('unheard', 10);
  await rig.temporal.workflow.execute('deliveryWaker', { workflowId: 'waker', taskQueue: 'tideline' });
  await rig.record('deliveryWaker', 'waker');
  await untilDelivered(3_510);
});

it('goes on after a pause when it is told to, and its history says nothing of anybody', async () => {
  platform.react(answer(40_105, 'Access token is incorrect'), answer(0));
  await accept('paused', 20);
  await wakeDelivery(rig.temporal, 'tiktok');
  await rig.until(async () => {
    const [one] = await rig.sql`select status from destinations where destination_id = 'tiktok'`;
    return one?.status === 'paused';
  }, 'the destination is paused');
  await rig.sql`update destinations set status = 'active', paused_by = null, updated_at = now()`;
  await wakeDelivery(rig.temporal, 'tiktok');
  await untilDelivered(3_530);
  await rig.record('conversionDelivery', workflowId, undefined, { running: true });
  const history = JSON.stringify(await rig.temporal.workflow.getHandle(workflowId).fetchHistory());
  expect(history).not.toMatch(/example\.com|paused1/);
});

it('the command line lists, shows, previews and replays, and says what is wrong', async () => {
  const environment = { ...process.env, ...rig.processEnvironment };
  const run = (...args: string[]) => runCommand(['deliveries', ...args], environment);
  const listed = await run('list', '--destination', 'tiktok', '--limit', '1', '--json');
  expect([listed.code, listed.stderr]).toEqual([0, '']);
  const { data, total } = JSON.parse(listed.stdout);
  expect(total).toBe(3_530);
  const [{ id }] = data;
  const shown = await run('show', id);
  expect(shown.stdout).toContain('/open_api/v1.3/event/track/');
  expect(shown.stdout).not.toMatch(/example\.com|a-token/);
  const rehearsed = await run('replay', '--status', 'DELIVERED', '--dry-run', '--json');
  expect(JSON.parse(rehearsed.stdout)).toEqual({ would_send: 3_530, too_old: 0, would_count_twice: 0 });
  const again = await run('replay', id, '--json');
  expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { delivery: id, status: 'PENDING' }]);
  await untilDelivered(3_530);
  expect(await run('replay')).toMatchObject({ code: 2 });
  expect(await run('show', 'dlv_99999999')).toMatchObject({ code: 1 });
  expect(await run('preview', '/nowhere.json')).toMatchObject({ code: 2 });
});
