import type { Verification } from './summary.ts';

/** What the demo asks of the simulator besides being a TikTok Shop. */
export interface SimulatorControl {
  /** Lets orders of a shop change and appear; resolves to how many did. */
  change(tiktokShopId: string, count: number): Promise<number>;
  /** Orders a minute and shop that appear or change by themselves from now on. */
  setTraffic(ordersPerMinute: number): Promise<void>;
}

/** Shares of the changes by kind. All of them move `update_time`, which is what an incremental sync reads by. */
const mixture: readonly [kind: string, share: number][] = [
  ['new', 0.2],
  ['touch', 0.2],
  ['cancel', 0.1],
];

export function createSimulatorControl(controlUrl: string, signal: AbortSignal): SimulatorControl {
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${controlUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`The simulator answered ${path} with ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  const changeKind = async (shopId: string, kind: string, count: number): Promise<number> => {
    const { changed } = (await post(`/shops/${shopId}/changes`, { kind, count })) as { changed: number };
    return changed;
  };
  return {
    change: async (shopId, count) => {
      let done = 0;
      for (const [kind, share] of mixture) done += await changeKind(shopId, kind, Math.floor(count * share));
      return done + (await changeKind(shopId, 'advance', count - done));
    },
    setTraffic: async (ordersPerMinute) => {
      await post('/settings', { traffic: ordersPerMinute });
    },
  };
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
