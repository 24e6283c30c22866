import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createDeliveryLog,
  type DeliveryLog,
  type LoggedExchange,
} from '../../src/deliveries/delivery-log.ts';
import { type DeliveryRig, startDeliveryRig } from '../support/delivery-rig.ts';
import { answer } from '../support/tiktok-events.ts';

let rig: DeliveryRig;
let directory: string;
let deliveryLog: DeliveryLog;
let warnings: unknown[];

const log = { warn: (fields: unknown) => void warnings.push(fields) };

beforeEach(async () => {
  warnings = [];
  directory = mkdtempSync(join(tmpdir(), 'tideline-delivery-log-'));
  rig = await startDeliveryRig();
  await rig.addDestination('pixel');
});
afterEach(async () => {
  await deliveryLog.close();
  await rig.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Line {
  at: string;
  destination: string;
  duration_ms: number;
  request: { method: string; path: string; body: { data: { event_id: string }[] } };
  response: { code: number; request_id: string; body: { code: number; message: string } } | null;
  deliveries: { id: string; outcome: string }[];
}

const linesOf = (name: string): Line[] =>
  readFileSync(join(directory, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

it('has a line for every exchange, with what it meant, and nothing of anybody', async () => {
  deliveryLog = createDeliveryLog({ directory, log });
  rig.dependencies.deliveryLog = deliveryLog;
  rig.platform.react(answer(50_000, 'Ask jo@example.com'), answer(0));
  await rig.accept(['a', 'b'], {
    user: { email: 'canary@example.com', ip: '203.0.113.7', ttclid: 'canary' },
  });
  await rig.deliver();
  await rig.hurry();
  await rig.deliver();
  expect(await rig.statuses('pixel')).toEqual({ DELIVERED: 2 });
  await deliveryLog.close();
  const lines = linesOf('pixel.log');
  expect(lines).toMatchObject([
    {
      response: { code: 200, body: { code: 50_000 } },
      deliveries: [{ outcome: 'retry' }, { outcome: 'retry' }],
    },
    {
      destination: 'pixel',
      request: { method: 'POST', body: { data: [{ event_id: 'a' }, { event_id: 'b' }] } },
      response: { code: 200, request_id: 'req-0' },
      deliveries: [
        { id: 'dlv_1', outcome: 'delivered' },
        { id: 'dlv_2', outcome: 'delivered' },
      ],
    },
  ]);
  const text = readFileSync(join(directory, 'pixel.log'), 'utf8');
  expect(text).not.toMatch(/canary|203\.0\.113|jo@|a-token|[0-9a-f]{32}/);
  expect(statSync(join(directory, 'pixel.log')).mode & 0o777).toBe(0o600);
  expect(warnings).toEqual([]);
});

const exchange = (at: number): LoggedExchange => ({
  ...{ destinationId: 'pixel', kind: 'tiktok', mappingVersion: 1, method: 'POST', path: '/track' },
  requestBody: JSON.stringify({ event_id: `e${at}`, user: { email: 'x'.repeat(500) } }),
  ...{ responseCode: 200, responseBody: '{"code":0}', platformRequestId: null, durationMs: 1 },
  deliveries: [{ id: `dlv_${at}`, outcome: 'delivered', reason: null }],
});

it('rotates, and keeps five files', async () => {
  deliveryLog = createDeliveryLog({ directory, log, size: '1K' });
  const key = await rig.conversionKey();
  for (let at = 0; at < 60; at += 1) {
    deliveryLog.record(key, exchange(at));
    // As deliveries do it: one after the other.
    await rig.sql`select pg_sleep(0.01)`;
  }
  await deliveryLog.close();
  const names = readdirSync(directory)
    .filter((name) => name.startsWith('pixel.log'))
    .sort();
  expect(names).toEqual(['pixel.log', 'pixel.log.1', 'pixel.log.2', 'pixel.log.3', 'pixel.log.4']);
  const kept = names.toReversed().flatMap((name) => linesOf(name).map(({ deliveries }) => deliveries[0]?.id));
  // The newest are there, whole and in their order.
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, at) => `dlv_${60 - kept.length + at}`));
  expect(kept.length).toBeLessThan(60);
  expect(warnings).toEqual([]);
});

it('never holds up a delivery: what cannot be written is left out, and said', async () => {
  const file = join(directory, 'no-folder');
  writeFileSync(file, '');
  deliveryLog = createDeliveryLog({ directory: file, log });
  rig.dependencies.deliveryLog = deliveryLog;
  await rig.accept(['a']);
  await rig.deliver();
  expect(await rig.statuses('pixel')).toEqual({ DELIVERED: 1 });
  await deliveryLog.close();
  expect(warnings.length).toBeGreaterThan(0);
  const key = await rig.conversionKey();
  for (let at = 0; at < 1_000; at += 1) deliveryLog.record(key, exchange(at));
  expect(warnings).toContainEqual({ left: 100 });
});
