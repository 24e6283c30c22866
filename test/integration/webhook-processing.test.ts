import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

const secret = 'whsec_0123456789';
const acuityApiKey = '0123456789abcdef';

let rig: SyncRig;
let acuity: ScriptedServer;

beforeAll(async () => {
  acuity = await startScriptedServer();
  const environment = {
    STRIPE_WEBHOOK_SECRET: `whsec_older,${secret}`,
    ACUITY_API_KEY: acuityApiKey,
    ACUITY_USER_ID: '77',
    ACUITY_API_URL: acuity.url,
  };
  rig = await startSyncRig(['--orders-count', '10'], environment);
});

afterAll(async () => {
  await rig?.stop();
  await acuity?.close();
});

async function postStripe(id: string, type = 'checkout.session.completed'): Promise<number> {
  const time = Math.floor(Date.now() / 1_000);
  const object = { id: `cs_${id}`, payment_status: 'paid', amount_total: 4900, currency: 'usd' };
  const body = JSON.stringify({ id: `evt_${id}`, type, created: time, data: { object } });
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${time},v1=${signature}` };
  return (await fetch(`${rig.apiUrl}/webhooks/stripe`, { method: 'POST', body, headers })).status;
}

async function postAcuity(body: string): Promise<number> {
  const signature = createHmac('sha256', acuityApiKey).update(body).digest('base64');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-acuity-signature': signature };
  return (await fetch(`${rig.apiUrl}/webhooks/acuity`, { method: 'POST', body, headers })).status;
}

const eventIds = async (): Promise<string[]> =>
  (await rig.sql<{ id: string }[]>`select event_id as id from conversion_events order by event_id`).map(
    ({ id }) => id,
  );

it('makes conversions of webhooks, with the appointment that Acuity only names', async () => {
  const appointment = { id: 5, datetime: '2026-11-25T10:00:00-0500', canceled: false, forms: [] };
  acuity.play((response) => response.end(JSON.stringify(appointment)));
  expect(await postAcuity('action=scheduled&id=5&calendarID=1&appointmentTypeID=2')).toBe(200);
  expect(await postStripe('1')).toBe(200);
  expect(await postStripe('1')).toBe(200);
  await rig.until(async () => (await eventIds()).length === 2, 'both webhooks are events');
  expect(await eventIds()).toEqual(['acuity-5', 'cs_1']);
  await rig.record('webhookProcessing', 'webhookProcessing/stripe');
});

it('lets the poorer tellings of a subscription wait, and ends when none is left', async () => {
  expect(await postStripe('2', 'customer.subscription.created')).toBe(200);
  const handle = rig.temporal.workflow.getHandle('webhookProcessing/stripe');
  await rig.until(async () => (await eventIds()).includes('cs_2'), 'the patient one is an event');
  await rig.until(
    async () => (await handle.describe()).status.name === 'COMPLETED',
    'the workflow has ended',
  );
  await rig.record('webhookProcessing-patient', 'webhookProcessing/stripe');
});

it('takes up what nobody was told of', async () => {
  await rig.sql`
    update webhook_events set status = 'received', next_attempt_at = now(), processed_at = null where source = 'stripe'`;
  await rig.temporal.schedule.getHandle('webhookCatchUp').trigger();
  await rig.until(
    async () => (await rig.sql`select 1 from webhook_events where next_attempt_at is not null`).length === 0,
    'nothing waits any more',
  );
  const described = await rig.temporal.schedule.getHandle('webhookCatchUp').describe();
  const started = described.info.recentActions.at(-1)?.action.workflow;
  await rig.record('webhookCatchUp', started?.workflowId ?? '', started?.firstExecutionRunId);
  expect(await eventIds()).toEqual(['acuity-5', 'cs_1', 'cs_2']);
});
