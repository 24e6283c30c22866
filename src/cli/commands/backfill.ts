import { type Command, InvalidArgumentError, Option } from 'commander';
import { daysBetween, isDay } from '../../analytics/calendar.ts';
import { isOnRequest, streamNames } from '../../analytics/streams.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import type { CommandContext } from '../context.ts';
import { examples } from '../examples.ts';
import { openSellerCenter } from '../open-seller-center.ts';
import { showStarted } from '../started-run.ts';
import { UsageError } from '../usage-error.ts';
import { withInstallation, withTemporal } from '../with-installation.ts';

interface BackfillOptions {
  shop?: string;
  from: string;
  to: string;
  streams?: string[];
  source: 'open_api' | 'seller_center';
  follow?: true;
  json?: true;
}

/** As many days as the API takes at once. */
const mostDays = 3_660;

export function registerBackfill(program: Command, context: CommandContext): void {
  const command = program
    .command('backfill')
    .description('read days of analytics; what is stored already is read again, and written where it changed')
    .option('--shop <id>', "Tideline's id or TikTok's; may be left out while one shop is connected")
    .requiredOption('--from <day>', "the first of the shop's days, as in 2026-01-31 …", parseDay)
    .requiredOption('--to <day>', '… and the last, inclusive', parseDay)
    // The minutes of LIVE sessions come with `lives`.
    .addOption(
      new Option(
        '--streams <name...>',
        `only these; ${streamNames.filter(isOnRequest).join(', ')} are read where they are named`,
      ).choices(streamNames.filter((name) => name !== 'live_minutes')),
    )
    .addOption(
      new Option('--source <name>', "seller_center: products only, with the owner's own session")
        .choices(['open_api', 'seller_center'])
        .default('open_api'),
    )
    .option('--follow', 'show the progress until it is done; Ctrl-C leaves the run going')
    .option('--json', 'print the run as JSON')
    .action(async (options: BackfillOptions) => {
      const { from: dateFrom, to: dateTo, source } = options;
      const isSellerCenter = source === 'seller_center';
      if (isSellerCenter && options.streams?.some((name) => name !== 'products')) {
        throw new UsageError('the seller center is a source of products only: leave --streams out');
      }
      const streams = isSellerCenter ? ['products'] : options.streams;
      if (dateFrom > dateTo) throw new UsageError('--from must not be after --to');
      if (daysBetween(dateFrom, dateTo) >= mostDays) {
        throw new UsageError(`--from and --to must lie less than ${mostDays} days apart`);
      }
      await withInstallation(context, async (open) => {
        const shop = await chooseShop(open.sql, options.shop);
        if (isSellerCenter) await (await openSellerCenter(open)).require(shop.id);
        const { startSync } = await import('../../sync/start-sync.ts');
        const temporalUiUrl = open.installation.temporal.uiUrl;
        const backfill = {
          streams: streams === undefined ? null : [...new Set(streams)].sort(),
          dateFrom,
          dateTo,
          source,
        };
        const started = await audited(
          open.sql,
          { action: 'backfill', object: { shop: shop.id, from: dateFrom, to: dateTo } },
          () =>
            withTemporal(context, open.installation, (temporal) =>
              startSync(
                { sql: open.sql, temporal, temporalUiUrl },
                { shopId: shop.id, stream: 'analytics', mode: 'window', trigger: 'command', backfill },
              ),
            ),
          ({ run_id }) => ({ run_id }),
        );
        await showStarted(context, open, {
          shopId: shop.id,
          what: 'backfill',
          unit: 'days',
          started,
          ...options,
        });
      });
    });
  examples(command, [
    ['tideline backfill --from 2026-01-01 --to 2026-01-31 --follow', 'a month of everything'],
    [
      'tideline backfill --from 2026-01-01 --to 2026-01-07 --source seller_center',
      'a week by your own session',
    ],
    ['tideline backfill --from 2025-01-01 --to 2025-12-31 --streams products shop', 'a year of two streams'],
    [
      'tideline backfill --from 2026-01-01 --to 2026-01-07 --streams product_details',
      'what is read on request',
    ],
  ]);
}

function parseDay(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('Write it as 2026-01-31.');
  return text;
}
