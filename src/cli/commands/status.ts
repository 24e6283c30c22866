import type { Command } from 'commander';
import type { Sql } from '../../db/pool.ts';
import { scopeToShop } from '../../db/queries/shop-scope.ts';
import { listReconciliations, type ReconciliationReport } from '../../db/reports/reconciliations.ts';
import { listShops, type ShopRecord } from '../../shops/shops.ts';
import { findGaps } from '../../sync/coverage.ts';
import { readStreamStatus } from '../../sync/read-stream-status.ts';
import { type Freshness, type StreamStatus, streams } from '../../sync/types.ts';
import { chooseShop } from '../choose-shop.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, formatTime, printJson, renderTable } from '../output.ts';
import { withInstallation } from '../with-installation.ts';

export function registerStatus(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .description('show how the syncs of each shop stand, and whether anything is missing')
    .option('--shop <id>', "only this one; Tideline's id or TikTok's")
    .option('--json', 'print the state as JSON')
    .action(async (options: { shop?: string; json?: true }) => {
      const states = await withInstallation(context, async ({ sql, installation }) => {
        const shops =
          options.shop === undefined ? await listShops(sql) : [await chooseShop(sql, options.shop)];
        const { namespace, uiUrl: temporalUiUrl } = installation.temporal;
        const read = async (shop: ShopRecord, stream: (typeof streams)[number]) => {
          const links = { namespace, temporalUiUrl };
          const status = await readStreamStatus(sql, shop.id, stream, { links });
          const { gaps } = await findGaps(sql, shop.id, stream);
          return [stream, { ...status, gaps }] as const;
        };
        return Promise.all(
          shops.map(async (shop) => ({
            shop_id: shop.id,
            shop_status: shop.status,
            reconciled: await lastReconciliation(sql, shop.id),
            ...Object.fromEntries(await Promise.all(streams.map((stream) => read(shop, stream)))),
          })),
        );
      });
      if (options.json) return printJson(context.stdout, { shops: states });
      if (states.length === 0)
        return say(context.stdout, 'No shop is connected. Connect one: tideline shops connect');
      const rows = states.flatMap((state) =>
        streams.map((stream) => {
          const status = (state as unknown as Record<string, StreamStatus & { gaps: unknown[] }>)[stream];
          return status === undefined ? [] : describe(state, stream, status);
        }),
      );
      const titles = [
        'shop',
        'stream',
        'status',
        '>stored',
        '>progress',
        'last sync',
        'complete up to',
        'gaps',
        'newest order',
        'reconciled',
      ];
      say(context.stdout, renderTable(titles, rows));
    });
  examples(command, [
    ['tideline status', 'all shops'],
    ['tideline status --shop shop-1 --json', 'one shop, for other programs'],
  ]);
}

function describe(
  { shop_id: shopId, reconciled }: { shop_id: string; reconciled: ReconciledState | null },
  stream: string,
  status: StreamStatus & { gaps: readonly unknown[] },
): string[] {
  const { metadata, progress, gaps } = status;
  // Days of figures have no watermark: `coverage` of their lists says how far they reach.
  const hasWatermark = stream !== 'analytics';
  const known = metadata.watermark === null ? 'not known yet' : gaps.length === 0 ? 'none' : `${gaps.length}`;
  return [
    shopId,
    stream,
    status.error === null ? status.status : `${status.status}: ${status.error.title}`,
    formatNumber(metadata.orders_total),
    progress?.percent == null ? '' : `${Math.floor(progress.percent)} %`,
    formatTime(metadata.last_sync_at),
    hasWatermark ? formatTime(metadata.watermark) : '',
    hasWatermark ? known : '',
    describeFreshness(metadata.freshness),
    stream === 'orders' ? describeReconciliation(reconciled) : '',
  ];
}

type ReconciledState = Pick<
  ReconciliationReport,
  | 'run_id'
  | 'status'
  | 'started_at'
  | 'finished_at'
  | 'missing_repaired'
  | 'changed_repaired'
  | 'damaged_repaired'
  | 'unexpected'
>;

async function lastReconciliation(sql: Sql, shopId: string): Promise<ReconciledState | null> {
  const [last] = await listReconciliations(scopeToShop(shopId), sql, { limit: 1, after: null });
  if (last === undefined) return null;
  const { run_id, status, started_at, finished_at } = last;
  const { missing_repaired, changed_repaired, damaged_repaired, unexpected } = last;
  const found = { missing_repaired, changed_repaired, damaged_repaired, unexpected };
  return { run_id, status, started_at, finished_at, ...found };
}

function describeFreshness(freshness: Freshness | null): string {
  if (freshness === null) return '';
  const { newest_order_at: newest, state } = freshness;
  return state === 'stale' ? `${formatTime(newest)} (stale)` : formatTime(newest);
}

function describeReconciliation(last: ReconciledState | null): string {
  if (last === null) return 'not yet';
  if (last.finished_at === null) return last.status;
  const repaired = last.missing_repaired + last.changed_repaired + last.damaged_repaired;
  const found = [
    ...(repaired > 0 ? [`${formatNumber(repaired)} repaired`] : []),
    ...(last.unexpected > 0 ? [`${formatNumber(last.unexpected)} unexpected`] : []),
    ...(last.status === 'completed' ? [] : [last.status.replaceAll('_', ' ')]),
  ];
  return [formatTime(last.finished_at), ...found].join(', ');
}
