import { formatAmount, formatDuration, formatNumber, formatTime, renderTable } from '../output.ts';
import { conversionsJson, describeConversions } from './conversion-summary.ts';
import { busiestDays, type ShopFigures } from './figures.ts';
import { type AnalyticsResult, describeAnalytics, readWell } from './read-analytics.ts';
import type { ConversionResult } from './send-conversions.ts';
import type { ShopSync } from './sync-shops.ts';

export interface Verification {
  /** Whether what is stored equals what the simulator holds. */
  equal: boolean;
  /** One text for each shop that differs. */
  differences: string[];
}

export interface Phase {
  durationMs: number;
  syncs: ShopSync[];
  figures: ShopFigures[];
  verification: Verification;
}

export interface Proof {
  shop_id: string;
  /** Ranges that should be covered and are not. */
  gaps: number;
  /** Everything that changed before it has been read. */
  watermark: string | null;
}

export interface DemoResult {
  full: Phase;
  changes: { made: number; orders: number };
  incremental: Phase;
  analytics: AnalyticsResult;
  conversions: ConversionResult;
  proof: Proof[];
}

/** Whether the demo kept its promise: everything read, everything equal, no gap, no delivery claimed or counted twice. */
export function succeeded({ full, incremental, analytics, conversions, proof }: DemoResult): boolean {
  const phases = [full, incremental];
  return (
    phases.every(
      (phase) => phase.verification.equal && phase.syncs.every(({ run }) => run.status === 'completed'),
    ) &&
    readWell(analytics) &&
    conversions.comparison.equal &&
    proof.every(({ gaps, watermark }) => gaps === 0 && watermark !== null)
  );
}

function sum(phase: Phase, count: 'fetched' | 'written' | 'quarantined' | 'api_calls'): number {
  return phase.syncs.reduce((total, { run }) => total + run.counts[count], 0);
}

function ordersPerSecond(phase: Phase): number {
  return sum(phase, 'fetched') / Math.max(phase.durationMs / 1_000, 0.001);
}

/** The summary as a person reads it. */
export function renderSummary(result: DemoResult): string {
  const { full, incremental, changes } = result;
  return [
    '',
    'Stored after the full sync, before the changes',
    renderFigures(full.figures),
    '',
    ...full.figures.flatMap(renderDays),
    '',
    `Stored after ${formatNumber(changes.made)} changes to ${formatNumber(changes.orders)} orders and the incremental sync`,
    renderFigures(incremental.figures),
    '',
    renderTable(
      [
        'sync',
        '>duration',
        '>orders read',
        '>orders/s',
        '>written',
        '>set aside',
        '>API calls',
        'equals the simulator',
      ],
      [describePhase('full', full), describePhase('incremental', incremental)],
    ),
    '',
    ...describeAnalytics(result.analytics),
    '',
    ...describeConversions(result.conversions),
    '',
    'Why we know that nothing is missing',
    ...result.proof.map(describeProof),
    ...[full, incremental].flatMap(({ verification }) => verification.differences),
    ...failures(result),
  ].join('\n');
}

function renderFigures(figures: readonly ShopFigures[]): string {
  const rows = figures.map((shop) => [
    shop.shop_id,
    formatNumber(shop.orders),
    formatAmount(shop.gmv),
    shop.currency ?? '',
    formatNumber(shop.by_day.length),
  ]);
  return renderTable(['shop', '>orders', '>GMV', 'currency', '>days with orders'], rows);
}

function renderDays({ shop_id, by_day, orders }: ShopFigures): string[] {
  const first = by_day[0];
  const last = by_day.at(-1);
  if (first === undefined || last === undefined) return [`Orders per day, ${shop_id}: none`];
  const rows = busiestDays(by_day, 3).map(
    (day) => `${day.date} ${formatNumber(day.orders)} (${formatAmount(day.gmv)})`,
  );
  const average = (orders / by_day.length).toFixed(1);
  return [
    `Orders per day, ${shop_id}: ${average} on average on ${formatNumber(by_day.length)} days from ${first.date} to ` +
      `${last.date}; busiest ${rows.join(', ')}`,
  ];
}

function describePhase(name: string, phase: Phase): string[] {
  return [
    name,
    formatDuration(phase.durationMs),
    formatNumber(sum(phase, 'fetched')),
    formatNumber(ordersPerSecond(phase)),
    formatNumber(sum(phase, 'written')),
    formatNumber(sum(phase, 'quarantined')),
    formatNumber(sum(phase, 'api_calls')),
    phase.verification.equal ? 'yes: ids, versions, cents' : 'NO',
  ];
}

function describeProof({ shop_id, gaps, watermark }: Proof): string {
  if (watermark === null) return `  ${shop_id}: not proven, for no full sync has ended.`;
  const until = `up to ${formatTime(watermark)}`;
  return gaps === 0
    ? `  ${shop_id}: the ledger of what was read has no gap, neither over creation times nor over changes ${until}.`
    : `  ${shop_id}: the ledger has ${gaps} gaps ${until}.`;
}

function failures({ full, incremental }: DemoResult): string[] {
  return [...full.syncs, ...incremental.syncs]
    .filter(({ run }) => run.status !== 'completed')
    .map(({ run }) => {
      const why = run.error === null ? '' : `: ${run.error.title}`;
      return `  FAILED: ${run.run_id} of ${run.shop_id} ended as ${run.status.replaceAll('_', ' ')}${why}`;
    });
}

/** The summary for other programs. */
export function summaryJson(result: DemoResult): unknown {
  const describe = (phase: Phase) => ({
    duration_ms: Math.round(phase.durationMs),
    orders_per_s: Math.round(ordersPerSecond(phase)),
    api_calls: sum(phase, 'api_calls'),
    equal: phase.verification.equal,
    differences: phase.verification.differences,
    runs: phase.syncs.map(({ run }) => run),
    shops: phase.figures,
  });
  return {
    succeeded: succeeded(result),
    changes: result.changes,
    full: describe(result.full),
    incremental: describe(result.incremental),
    analytics: result.analytics,
    conversions: conversionsJson(result.conversions),
    proof: result.proof,
  };
}
