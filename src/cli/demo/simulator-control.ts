import type { Verification } from './summary.ts';

/** What the demo asks of the simulator besides being a TikTok Shop. */
export interface SimulatorControl {
  /** Lets orders of a shop change and appear; resolves to the id of the order for each change. */
  change(tiktokShopId: string, changes: Readonly<Record<ChangeKind, number>>): Promise<string[]>;
  /** Orders a minute and shop that appear or change by themselves from now on. */
  setTraffic(ordersPerMinute: number): Promise<void>;
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
