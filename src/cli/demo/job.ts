import { setTimeout as sleep } from 'node:timers/promises';
import { openPool } from '../../db/pool.ts';
import { TidelineError } from '../../errors.ts';
import { findGaps } from '../../sync/coverage.ts';
import { readStreamStatus } from '../../sync/read-stream-status.ts';
import type { ProgressDisplay } from '../progress.ts';
import type { ApiClient } from './api-client.ts';
import { readFigures } from './figures.ts';
import { readAnalytics } from './read-analytics.ts';
import type { ConversionResult } from './send-conversions.ts';
import { mixChanges, type SimulatorControl } from './simulator-control.ts';
import type { DemoResult, Phase, Proof, Verification } from './summary.ts';
import { type SyncShopsOptions, syncShops } from './sync-shops.ts';

/** Everything that the job of a demo touches; tests give it other ones. */
export interface JobParts {
  api: ApiClient;
  simulator: SimulatorControl;
  /** Walks the consent of every seller. */
  connect(): Promise<void>;
  verify(tiktokShopIds: readonly string[]): Promise<Verification>;
  sendConversions(): Promise<ConversionResult>;
  verifyProducts(tiktokShopIds: readonly string[]): Promise<Verification>;
  verifyAnalytics(tiktokShopIds: readonly string[]): Promise<Verification>;
  prove(shopIds: readonly string[]): Promise<Proof[]>;
  display: ProgressDisplay;
  /** Counts products, or days of analytics. */
  analyticsDisplay: ProgressDisplay;
  report(line: string): void;
  signal: AbortSignal;
}

export interface JobOptions {
  shops: number;
  changes: number;
  /** No order of the shops is open. */
  allCompleted: boolean;
  /** Days of the shops when it is not their region's own; the orders of a file have UTC days. */
  timeZone: string | null;
  /**
   * How long to wait after the changes. A sync asks only for whole seconds that are over: without a wait the newest
   * changes would be the next sync's.
   */
  settleMs: number;
}

/** Connect, full sync, changes, incremental sync, analytics, conversions; each is compared with the simulator. */
export async function runJob(parts: JobParts, options: JobOptions): Promise<DemoResult> {
  const { api, simulator, report, signal } = parts;
  report('Connecting through the OAuth flow…');
  await parts.connect();
  const shops = await connectedShops(api, options.shops);
  const shopIds = shops.map(({ id }) => id);
  if (options.timeZone !== null) {
    for (const id of shopIds) await api.patch(`/api/v1/shops/${id}`, { time_zone: options.timeZone });
  }
  report(`Full sync of ${shopIds.join(', ')}…`);
  const full = await syncAndVerify(parts, shops, 'full');
  report(`Making ${options.changes} changes in the simulator, then the incremental sync…`);
  const changed: string[] = [];
  for (const [nth, shop] of shops.entries()) {
    // Shared out evenly; the first ones get what is left over.
    const share = Math.floor((options.changes + shops.length - 1 - nth) / shops.length);
    changed.push(...(await simulator.change(shop.tiktok_shop_id, mixChanges(share, options.allCompleted))));
  }
  await sleep(options.settleMs, undefined, { signal });
  const incremental = await syncAndVerify(parts, shops, 'incremental');
  const changes = { made: changed.length, orders: new Set(changed).size };
  report('Reading products and thirty days of analytics…');
  const tiktokShopIds = shops.map((shop) => shop.tiktok_shop_id);
  const analytics = await readAnalytics({
    ...{ api, shopIds, signal },
    verifyProducts: () => parts.verifyProducts(tiktokShopIds),
    verifyAnalytics: () => parts.verifyAnalytics(tiktokShopIds),
    display: parts.analyticsDisplay,
  });
  const conversions = await parts.sendConversions();
  return { full, changes, incremental, analytics, conversions, proof: await parts.prove(shopIds) };
}

interface ConnectedShop {
  id: string;
  tiktok_shop_id: string;
}

async function connectedShops(api: ApiClient, expected: number): Promise<ConnectedShop[]> {
  const { data } = await api.get<{ data: ConnectedShop[] }>('/api/v1/shops?limit=500');
  if (data.length === expected) return data;
  throw new TidelineError({
    code: 'demo-shops-missing',
    message: `${expected} shops were offered by the simulator and ${data.length} are connected.`,
    actor: 'us',
  });
}

async function syncAndVerify(
  parts: JobParts,
  shops: readonly ConnectedShop[],
  mode: SyncShopsOptions['mode'],
): Promise<Phase> {
  const shopIds = shops.map(({ id }) => id);
  const { api, display, report, signal } = parts;
  const startedAt = performance.now();
  const syncs = await syncShops({ api, shopIds, mode, display, signal });
  const durationMs = performance.now() - startedAt;
  report('Comparing what is stored with what the simulator holds…');
  const verification = await parts.verify(shops.map((shop) => shop.tiktok_shop_id));
  return { durationMs, syncs, verification, figures: await readFigures(api, shopIds) };
}

/** Asks the ledger of each shop for gaps. */
export async function proveByLedger(databaseUrl: string, shopIds: readonly string[]): Promise<Proof[]> {
  const sql = openPool(databaseUrl, { applicationName: 'tideline demo', maxConnections: 1 });
  try {
    const proofs: Proof[] = [];
    for (const shopId of shopIds) {
      const { gaps } = await findGaps(sql, shopId, 'orders');
      const { metadata } = await readStreamStatus(sql, shopId, 'orders');
      proofs.push({ shop_id: shopId, gaps: gaps.length, watermark: metadata.watermark });
    }
    return proofs;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
