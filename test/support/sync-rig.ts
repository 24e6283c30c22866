import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporal as proto } from '@temporalio/proto';
import { expect } from 'vitest';
import { type Rig, type RigOptions, startRig } from '../../bench/support/rig.ts';
import { packageRoot } from '../../src/paths.ts';
import { findGaps } from '../../src/sync/coverage.ts';
import { writeSchedule } from '../../src/sync/schedules.ts';
import { finishedStatuses, type Run, type StartedRun } from '../../src/sync/types.ts';

// The SDK's own way to JSON wants one copy of protobufjs for all of its packages, which npm does not promise.
const { History } = proto.api.history.v1;
const patienceMs = 60_000;

/** Where recorded histories lie, each named after its workflow type and what happened in it. */
export const historiesFolder = join(packageRoot, 'test', 'replay', 'histories');

/** A rig with what tests of syncs ask of it again and again. */
export interface SyncRig extends Rig {
  /** Asks the simulator's control API. */
  control<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  /** Connects all shops of one seller, as a browser would; their syncs start only when asked for. */
  connectSeller(seller: number): Promise<void>;
  /** Lets orders of a shop change. */
  change(shopId: string, kind: string, count: number, more?: object): Promise<string[]>;
  start(shopId: string, mode: Run['mode'], more?: object): Promise<StartedRun>;
  act(runId: string, action: 'pause' | 'resume' | 'cancel' | 'retry'): Promise<Run>;
  run(runId: string): Promise<Run>;
  /** The run once it is over. */
  finished(runId: string): Promise<Run>;
  /** Orders that a run has stored so far. */
  fetched(runId: string): Promise<number>;
  until(condition: () => Promise<boolean>, what: string): Promise<void>;
  /** Every shop equals the simulator's, and the ledger of these has no gap. */
  expectEverything(...shopIds: string[]): Promise<void>;
  watermark(shopId: string): Promise<number | null>;
  /**
   * Saves a workflow's history for the replay test when TIDELINE_RECORD_HISTORIES asks for it. One that never ends is
   * saved as it is.
   */
  record(
    name: string,
    workflowId: string,
    executionRunId?: string,
    options?: { running: boolean },
  ): Promise<void>;
}

/** The rig's schedules are paused as soon as a shop is connected: a test alone says what runs. */
export async function startSyncRig(
  simulator: string[],
  environment: NodeJS.ProcessEnv,
  options: Pick<RigOptions, 'workerScript'> = {},
): Promise<SyncRig> {
  const apiKey = `test_${randomBytes(18).toString('base64url')}`;
  const rig = await startRig({
    ...options,
    simulator,
    environment: { ...environment, TIDELINE_API_KEY: apiKey },
    report: () => undefined,
  });
  return { ...rig, ...helpersOf(rig, apiKey) };
}

function helpersOf(rig: Rig, apiKey: string): Omit<SyncRig, keyof Rig> {
  const { api, sql, temporal } = rig;

  async function control<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${rig.simulator.address.controlUrl}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      if (await condition()) return;
      await sleep(25);
    }
    throw new Error(`Waited in vain until ${what}.`);
  }

  const run = (runId: string): Promise<Run> => api.get<Run>(`/api/v1/syncs/${runId}`);

  return {
    control,
    until,
    run,

    async connectSeller(seller) {
      const begun = await fetch(`${rig.apiUrl}/connect/tiktok-shop?sync=false`, {
        redirect: 'manual',
        headers: { authorization: `Bearer ${apiKey}` },
      });
      const cookie = begun.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
      const consent = new URL(begun.headers.get('location') ?? '');
      consent.searchParams.set('seller', String(seller));
      const allowed = await fetch(consent, { redirect: 'manual' });
      const ended = await fetch(allowed.headers.get('location') ?? '', {
        redirect: 'manual',
        headers: { cookie: cookie.join('; ') },
      });
      expect(ended.headers.get('location')).toBe('/');
      const shops = await sql<{ id: string }[]>`select shop_id as id from shops`;
      for (const { id } of shops) {
        await writeSchedule(temporal, id, 'orders', { every: '1d', jitter: '1s', paused: true });
      }
    },

    async change(shopId, kind, count, more = {}) {
      const [shop] = await sql<
        { id: string }[]
      >`select tiktok_shop_id as id from shops where shop_id = ${shopId}`;
      const path = `/shops/${shop?.id}/changes`;
      return (await control<{ ids: string[] }>('POST', path, { kind, count, ...more })).ids;
    },

    start: (shopId, mode, more = {}) =>
      api.post<StartedRun>(`/api/v1/shops/${shopId}/syncs`, { stream: 'orders', mode, ...more }),

    act: (runId, action) => api.post<Run>(`/api/v1/syncs/${runId}/${action}`, {}),

    async finished(runId) {
      let last = await run(runId);
      await until(async () => {
        last = await run(runId);
        return finishedStatuses.includes(last.status);
      }, 'the run ends');
      return last;
    },

    async fetched(runId) {
      const [row] = await sql<{ fetched: number }[]>`
        select coalesce(sum(fetched), 0)::bigint as fetched from sync_slices where run_id = ${runId}`;
      return row?.fetched ?? 0;
    },

    async expectEverything(...shopIds) {
      expect(await rig.differences()).toEqual([]);
      for (const shopId of shopIds) expect((await findGaps(sql, shopId, 'orders')).gaps).toEqual([]);
    },

    async watermark(shopId) {
      const [state] = await sql<{ watermark: number | null }[]>`
        select watermark from stream_states where shop_id = ${shopId} and stream = 'orders'`;
      return state?.watermark ?? null;
    },

    async record(name, workflowId, executionRunId, { running } = { running: false }) {
      if (!process.env.TIDELINE_RECORD_HISTORIES) return;
      const handle = temporal.workflow.getHandle(workflowId, executionRunId);
      // The run is over in the database a moment before its workflow is.
      await until(
        async () => running || (await handle.describe()).status.name !== 'RUNNING',
        `${workflowId} has closed`,
      );
      const json = History.toObject(History.fromObject(await handle.fetchHistory()), {
        longs: String,
        enums: String,
        bytes: String,
      });
      const file = join(historiesFolder, `${name}.json`);
      writeFileSync(file, `${JSON.stringify(json, withoutMachine, 1)}\n`);
    },
  };
}

/** A recorded history as the replaying worker takes it. */
export function readHistory(file: string): proto.api.history.v1.History {
  return History.fromObject(JSON.parse(readFileSync(join(historiesFolder, file), 'utf8')));
}

/** Where a history was recorded is nobody's business, and of no use to a replay. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  if (key === 'stackTrace') return '';
  // A worker's own queue is named after its process and host.
  return key === 'name' && typeof value === 'string' ? value.replace(/^\d+@.*$/, 'worker') : value;
}
