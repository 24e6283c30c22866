import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { startAgain } from './support/own-start.ts';

const orders = 3_000;
const first = `k1:${randomBytes(32).toString('base64')}`;
const second = `k2:${randomBytes(32).toString('base64')}`;

/** What the SDK notes of a local activity beside its result; it is written in its core, which knows no codec. */
const bookkeeping = /\.markerRecordedEventAttributes\.details\.data\.payloads\.0$/;
const bookkeepingFields = [
  'seq',
  'attempt',
  'activity_id',
  'activity_type',
  'complete_time',
  'backoff',
  'original_schedule_time',
];

/** What Temporal has to read to find workflows by it. */
const searchAttribute = /\.searchAttributes\.indexedFields\.(ShopId|Stream|SyncMode|Temporal\w+)$/;

fault(
  {
    id: 'C9',
    title: 'the key of the payload codec is rotated in the middle of a sync: old payloads still open',
  },
  async (trial) => {
    const environment = { TIDELINE_TEMPORAL_CODEC: 'on', TIDELINE_ENCRYPTION_KEYS: first };
    const rig = await trial.rig({ orders, seed: trial.seed, environment });
    await rig.settings({ latency: 400 });
    const runId = await rig.syncUntil(0.2);
    await rig.running.stop();
    await startAgain(trial, rig, { ...environment, TIDELINE_ENCRYPTION_KEYS: `${second},${first}` });
    expect((await rig.run(runId)).status).toBe('running');
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });

    const handle = rig.temporal.workflow.getHandle('orderSync/shop-1');
    const payloads = payloadsOf(await handle.fetchHistory());
    const encoded = payloads.filter(({ payload }) => metadataOf(payload, 'encoding') === 'binary/encrypted');
    const keyIds = new Set(encoded.map(({ payload }) => metadataOf(payload, 'encryption-key-id')));
    expect([...keyIds].sort()).toEqual(['k1', 'k2']);
    const plain = payloads.filter((found) => !encoded.includes(found));
    const unexpected = plain.filter(({ path }) => !bookkeeping.test(path) && !searchAttribute.test(path));
    expect(unexpected.map(({ path }) => path)).toEqual([]);
    for (const { payload } of plain.filter(({ path }) => bookkeeping.test(path))) {
      const written = JSON.parse(Buffer.from(payload.data ?? []).toString()) as Record<string, unknown>;
      expect(bookkeepingFields).toEqual(expect.arrayContaining(Object.keys(written)));
    }

    const incremental = await rig.start('shop-1', 'incremental');
    expect(await rig.finished(incremental.run_id)).toMatchObject({ status: 'completed', error: null });
    return { done: 'codec key rotated in a full sync', verdict: await rig.verdict() };
  },
);

function metadataOf({ metadata }: Payload, name: string): string {
  return Buffer.from(metadata?.[name] ?? []).toString();
}

/** Every payload of a history with where it stands. */
function payloadsOf(value: unknown, path = ''): { path: string; payload: Payload }[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const payload = value as Payload;
  if (payload.metadata?.encoding instanceof Uint8Array) return [{ path, payload }];
  return Object.entries(value).flatMap(([key, inner]) => payloadsOf(inner, `${path}.${key}`));
}
