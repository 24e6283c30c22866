import type { PlatformCredentials } from './platforms.ts';
import type { DeliveryComparison, PlatformControl } from './send-conversions.ts';
import type { Verification } from './summary.ts';

/** What the demo asks of the simulator besides being a TikTok Shop. */
export interface SimulatorControl {
  /** Lets orders of a shop change and appear; resolves to the id of the order for each change. */
  change(tiktokShopId: string, changes: Readonly<Record<ChangeKind, number>>): Promise<string[]>;
  /** Orders a minute and shop that appear or change by themselves from now on. */
  setTraffic(ordersPerMinute: number): Promise<void>;
  /** What its platforms of conversions are opened with. */
  platformCredentials(): Promise<PlatformCredentials>;
  platforms: PlatformControl;
}

/** All of them move `update_time`, which is what an incremental sync reads by. */
export type ChangeKind = 'new' | 'touch' | 'cancel' | 'advance';

/** A mixture of changes. Old orders, as those of a file, are all completed: they can only be touched. */
export function mixChanges(count: number, allCompleted: boolean): Record<ChangeKind, number> {
  const fresh = Math.floor(count * 0.2);
  if (allCompleted) return { new: fresh, touch: count - fresh, cancel: 0, advance: 0 };
  const cancel = Math.floor(count * 0.1);
  return { new: fresh, touch: fresh, cancel, advance: count - 2 * fresh - cancel };
}

export function createSimulatorControl(controlUrl: string, signal: AbortSignal): SimulatorControl {
  const call = async (path: string, request: RequestInit): Promise<unknown> => {
    const response = await fetch(`${controlUrl}${path}`, { ...request, signal });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`The simulator answered ${path} with ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  const post = (path: string, body: unknown): Promise<unknown> =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    change: async (shopId, changes) => {
      const ids: string[] = [];
      for (const [kind, count] of Object.entries(changes)) {
        if (count === 0) continue;
        const answer = (await post(`/shops/${shopId}/changes`, { kind, count })) as { ids: string[] };
        ids.push(...answer.ids);
      }
      return ids;
    },
    setTraffic: async (ordersPerMinute) => {
      await post('/settings', { traffic: ordersPerMinute });
    },
    platformCredentials: async () =>
      ((await call('/conversions', {})) as { credentials: PlatformCredentials }).credentials,
    platforms: {
      loseAnswer: async (route) => void (await post('/faults', { kind: 'lost_answer', route })),
      refuse: async (platform, event_ids) =>
        void (await post('/conversions/refusals', { platform, event_ids, way: 'unnamed' })),
      setToken: async (platform, state) => void (await post(`/conversions/tokens/${platform}`, { state })),
    },
  };
}

/** Holds what is said of deliveries against what the simulated platforms have counted. */
export async function compareDeliveries(
  databaseUrl: string,
  controlUrl: string,
): Promise<DeliveryComparison> {
  const { compareConversions, formatConversions } = await import('../../../simulator/index.ts');
  const comparison = await compareConversions({ databaseUrl, controlUrl });
  const { equal, destinations, counted } = comparison;
  return { equal, destinations, counted, differences: formatConversions(comparison) };
}

/** Compares sets of ids, versions and cents of each shop. */
export async function verify(
  databaseUrl: string,
  controlUrl: string,
  tiktokShopIds: readonly string[],
): Promise<Verification> {
  const { compareWithSimulator, formatComparison } = await import('../../../simulator/index.ts');
  const differences: string[] = [];
  for (const tiktokShopId of tiktokShopIds) {
    const comparison = await compareWithSimulator({ databaseUrl, controlUrl, tiktokShopId });
    if (!comparison.equal) differences.push(formatComparison(comparison));
  }
  return { equal: differences.length === 0, differences };
}

/** Holds stored products against the simulator's catalogue. */
export async function verifyProducts(
  databaseUrl: string,
  controlUrl: string,
  tiktokShopIds: readonly string[],
): Promise<Verification> {
  const { compareProducts, formatProducts } = await import('../../../simulator/index.ts');
  const differences: string[] = [];
  for (const tiktokShopId of tiktokShopIds) {
    const comparison = await compareProducts({ databaseUrl, controlUrl, tiktokShopId });
    if (!comparison.equal) differences.push(formatProducts(comparison));
  }
  return { equal: differences.length === 0, differences };
}

/** Holds stored figures of analytics against sums over the simulator's sales. */
export async function verifyAnalytics(
  databaseUrl: string,
  controlUrl: string,
  tiktokShopIds: readonly string[],
): Promise<Verification> {
  const { compareAnalytics, formatAnalyticsComparison } = await import('../../../simulator/index.ts');
  const differences: string[] = [];
  for (const tiktokShopId of tiktokShopIds) {
    const comparison = await compareAnalytics({ databaseUrl, controlUrl, tiktokShopId });
    if (!comparison.equal) differences.push(formatAnalyticsComparison(comparison));
  }
  return { equal: differences.length === 0, differences };
}
