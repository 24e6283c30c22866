import type { Verification } from './summary.ts';

/** What the demo asks of the simulator besides being a TikTok Shop. */
export interface SimulatorControl {
  /** Lets this many orders change or appear, spread over all shops. */
  change(count: number): Promise<void>;
  /** Orders a minute and shop that appear or change by themselves from now on. */
  setTraffic(ordersPerMinute: number): Promise<void>;
}

export function createSimulatorControl(controlUrl: string, signal: AbortSignal): SimulatorControl {
  const post = async (path: string, body: unknown): Promise<void> => {
    const response = await fetch(`${controlUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`The simulator answered ${path} with ${response.status}: ${text.slice(0, 300)}`);
  };
  return {
    change: (count) => post('/mutate', { count }),
    setTraffic: (ordersPerMinute) => post('/options', { traffic: ordersPerMinute }),
  };
}

/** Compares sets of ids, versions and cents of all shops. */
export async function verify(databaseUrl: string, controlUrl: string): Promise<Verification> {
  const { compareWithSimulator } = await import('../../../simulator/index.ts');
  const comparison = await compareWithSimulator({ databaseUrl, controlUrl });
  return { equal: comparison.equal, differences: comparison.differences };
}
