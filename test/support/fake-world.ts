import { randomBytes } from 'node:crypto';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ApiDependencies, ConsentResult, ShopRecord } from '../../src/api/dependencies.ts';
import type { Sql } from '../../src/db/pool.ts';
import { TidelineError } from '../../src/errors.ts';
import type { Run, ScheduleSettings, StreamStatus } from '../../src/sync/types.ts';

/** What a test sees and sets of the parts that are not under test. */
export interface FakeWorld {
  runs: Map<string, Run>;
  started: unknown[];
  controlled: string[];
  schedules: Map<string, ScheduleSettings>;
  consents: unknown[];
  consentResult: ConsentResult;
  faults: { name: string; fault: string | null }[];
  log: string[];
  stopped: string[];
  resumed: string[];
  erasing: string[];
  /** Runs of exports that a worker was asked to write. */
  exporting: string[];
  rolledUp: string[];
  /** Sources whose webhooks were said to wait, in order. */
  webhooks: string[];
  /** Ids of the destinations that were woken, in order. */
  woken: string[];
  refreshed: string[];
  fullSyncAt: string | null;
}

/** A run as it stands in the middle of a full sync. */
export function exampleRun(shopId: string, fields: Partial<Run> = {}): Run {
  return {
    run_id: `run_${randomBytes(4).toString('hex')}`,
    shop_id: shopId,
    stream: 'orders',
    mode: 'full',
    status: 'running',
    started_at: '2026-03-01T08:00:00.000Z',
    finished_at: null,
    window: null,
    progress: { orders_done: 1200, orders_expected: 5000, percent: 24, rate_per_s: 310.5, eta_s: 12 },
    counts: { fetched: 1200, written: 1200, unchanged: 0, quarantined: 0, api_calls: 14, throttled: 0 },
    error: null,
    workflow_id: `orderSync/${shopId}`,
    temporal_ui_url: null,
    ...fields,
  };
}

/** A Temporal that starts nothing, and so has nothing to cancel: tests write the files themselves. */
export function exportStarter(world: FakeWorld): Client {
  const start = async (_type: string, { args }: { args: [{ runId: string }] }): Promise<void> => {
    world.exporting.push(args[0].runId);
  };
  const getHandle = (workflowId: string) => ({
    cancel: () => Promise.reject(new WorkflowNotFoundError('There is none.', workflowId, undefined)),
  });
  return { options: { namespace: 'default' }, workflow: { start, getHandle } } as unknown as Client;
}

/** Shops of the real database, and nobody at TikTok. */
export function fakeShops(sql: Sql): ApiDependencies['shops'] {
  const select = async (id: string | null): Promise<ShopRecord[]> => {
    const rows = await sql<(ShopRecord & { connected: Date })[]>`
      select shop_id as id, tiktok_shop_id, name, region, currency, time_zone, status, sync_enabled, last_error,
        connected_at as connected
      from shops
      where ${id}::text is null or shop_id in (${id}::text, 'shop-' || ${id}::text) or tiktok_shop_id = ${id}
      order by shop_id`;
    return rows.map(({ connected, ...row }) => ({
      ...row,
      connected_at: connected.toISOString(),
      access_token_expires_at: null,
      seller_center: 'off' as const,
    }));
  };
  const find = async (id: string): Promise<ShopRecord | null> => (await select(id))[0] ?? null;
  return {
    list: () => select(null),
    find,
    async update(shopId, { timeZone, syncEnabled }) {
      await sql`
        update shops set time_zone = coalesce(${timeZone ?? null}, time_zone),
          sync_enabled = coalesce(${syncEnabled ?? null}, sync_enabled)
        where shop_id = ${shopId}`;
      const shop = await find(shopId);
      if (shop === null) throw new Error('No such shop.');
      return shop;
    },
    async disconnect(shopId) {
      await sql`update shops set status = 'disconnected' where shop_id = ${shopId}`;
    },
  };
}

/** Syncs that only are said to run. */
export function fakeSync(world: FakeWorld): ApiDependencies['sync'] {
  return {
    readDays: async () => [],
    async start(request) {
      world.started.push(request);
      const run = exampleRun(request.shopId, { mode: request.mode });
      world.runs.set(run.run_id, run);
      const { run_id, workflow_id, mode, temporal_ui_url } = run;
      return { run_id, workflow_id, mode, already_running: false, temporal_ui_url };
    },
    async control(runId, action) {
      world.controlled.push(`${action} ${runId}`);
      const run = world.runs.get(runId);
      if (!run) throw new Error('No such run.');
      if (run.status === 'completed') {
        const message = 'The run is over.';
        throw new TidelineError({ code: 'run-finished', actor: 'user', status: 409, message });
      }
      return run;
    },
    async read(runId, shopIds) {
      const run = world.runs.get(runId);
      if (run !== undefined && (shopIds === null || shopIds.includes(run.shop_id))) return run;
      const message = 'There is no such run.';
      throw new TidelineError({ code: 'run-not-found', actor: 'user', status: 404, message });
    },
    list: async ({ shopIds, status, after, limit }) =>
      [...world.runs.values()]
        .sort((left, right) => (left.run_id < right.run_id ? 1 : -1))
        .filter((run) => shopIds === null || shopIds.includes(run.shop_id))
        .filter((run) => status === undefined || run.status === status)
        .filter((run) => after === undefined || run.run_id < after)
        .slice(0, limit),
    async status(shopId): Promise<StreamStatus> {
      const run = [...world.runs.values()].filter((one) => one.shop_id === shopId).at(-1);
      return {
        status: run?.status === 'running' ? 'running' : run?.status === 'paused' ? 'paused' : 'idle',
        metadata: {
          last_full_sync_at: world.fullSyncAt,
          last_full_sync_result: world.fullSyncAt === null ? null : 'complete',
          last_sync_at: world.fullSyncAt,
          watermark: world.fullSyncAt,
          orders_total: 1200,
          freshness: {
            newest_order_at: null,
            gap_s: null,
            usual_gap_s: null,
            usual_orders: null,
            state: 'unknown',
          },
          last_run: null,
        },
        progress: run?.progress ?? null,
        error: null,
      };
    },
    readSchedule: async (shopId, stream) =>
      world.schedules.get(`${shopId}/${stream}`) ?? { every: '5m', jitter: '30s', paused: false },
    async writeSchedule(shopId, stream, settings) {
      world.schedules.set(`${shopId}/${stream}`, settings);
      return settings;
    },
    ensureSchedules: async () => undefined,
    refreshOrder: async (shopId, orderId) => void world.refreshed.push(`${shopId} ${orderId}`),
    rollUpOrders: async (shopId) => void world.rolledUp.push(shopId),
    stopShop: async (shopId) => void world.stopped.push(shopId),
    resumeParked: async (shopId) => void world.resumed.push(shopId),
  };
}
