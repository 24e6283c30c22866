import type { Run, StartedRun } from '../../sync/types.ts';
import { followRun } from '../follow-run.ts';
import { formatDuration, formatNumber, renderTable } from '../output.ts';
import type { ProgressDisplay } from '../progress.ts';
import type { ApiClient } from './api-client.ts';
import type { Verification } from './summary.ts';

export interface AnalyticsParts {
  api: ApiClient;
  shopIds: readonly string[];
  verifyProducts(): Promise<Verification>;
  verifyAnalytics(): Promise<Verification>;
  display: ProgressDisplay;
  signal: AbortSignal;
}

/** What the demo's products and analytics came to. */
export interface AnalyticsResult {
  products: Run[];
  analytics: Run[];
  /** Stored products against the simulator's, and stored figures against sums over its sales. */
  verification: { products: Verification; analytics: Verification };
}

/** Reads the catalogue of every shop, then the last thirty days of its analytics, and compares both. */
export async function readAnalytics(parts: AnalyticsParts): Promise<AnalyticsResult> {
  const products = await readStream(parts, 'products');
  const ofProducts = await parts.verifyProducts();
  const analytics = await readStream(parts, 'analytics');
  return {
    products,
    analytics,
    verification: { products: ofProducts, analytics: await parts.verifyAnalytics() },
  };
}

async function readStream(
  { api, shopIds, display, signal }: AnalyticsParts,
  stream: 'products' | 'analytics',
): Promise<Run[]> {
  try {
    return await Promise.all(
      shopIds.map(async (shopId) => {
        const started = await api.post<StartedRun>(`/api/v1/shops/${shopId}/syncs`, { stream, mode: 'full' });
        const read = () => api.get<Run>(`/api/v1/syncs/${started.run_id}`);
        return followRun({ read, display, label: `${shopId} ${stream}`, signal });
      }),
    );
  } finally {
    display.end();
  }
}

export function readWell({ products, analytics, verification }: AnalyticsResult): boolean {
  const areEqual = verification.products.equal && verification.analytics.equal;
  return areEqual && [...products, ...analytics].every(({ status }) => status === 'completed');
}

/** The result as lines of the summary. */
export function describeAnalytics({ products, analytics, verification }: AnalyticsResult): string[] {
  const row = (name: string, runs: readonly Run[], { equal }: Verification, equalIn: string): string[] => {
    const sum = (count: 'fetched' | 'written' | 'quarantined' | 'api_calls') =>
      formatNumber(runs.reduce((total, run) => total + run.counts[count], 0));
    const duration = Math.max(...runs.map(durationOf), 0);
    return [
      name,
      formatDuration(duration),
      sum('fetched'),
      sum('written'),
      sum('quarantined'),
      sum('api_calls'),
      equal ? `yes: ${equalIn}` : 'NO',
    ];
  };
  const failed = [...products, ...analytics].filter(({ status }) => status !== 'completed');
  return [
    renderTable(
      ['read', '>duration', '>rows read', '>written', '>set aside', '>API calls', 'equals the simulator'],
      [
        row('products', products, verification.products, 'every title, price and stock'),
        row('analytics, 30 days', analytics, verification.analytics, 'every figure, to the cent'),
      ],
    ),
    ...verification.products.differences,
    ...verification.analytics.differences,
    ...failed.map((run) => `  FAILED: ${run.run_id} of ${run.shop_id}: ${run.error?.title ?? run.status}`),
  ];
}

function durationOf({ started_at: from, finished_at: to }: Run): number {
  return from === null || to === null ? 0 : Date.parse(to) - Date.parse(from);
}
