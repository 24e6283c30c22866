import { Argument, type Command, InvalidArgumentError } from 'commander';
import { type Stream, type SyncMode, streams } from '../../sync/types.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import type { CommandContext } from '../context.ts';
import { examples } from '../examples.ts';
import { showStarted } from '../started-run.ts';
import { UsageError } from '../usage-error.ts';
import { withInstallation, withTemporal } from '../with-installation.ts';

interface SyncOptions {
  shop?: string;
  full?: true;
  from?: Date;
  to?: Date;
  follow?: true;
  json?: true;
}

export function registerSync(program: Command, context: CommandContext): void {
  const command = program
    .command('sync')
    .description('start a sync; without --full or --from it reads what changed since the last one')
    .addArgument(new Argument('<stream>', 'what to sync').choices(streams))
    .option('--shop <id>', "Tideline's id or TikTok's; may be left out while one shop is connected")
    .option('--full', 'read the whole history again')
    .option('--from <time>', 'read the orders created from here on …', parseTime)
    .option('--to <time>', '… and before here: a date or an RFC 3339 time (default: now)', parseTime)
    .option('--follow', 'show the progress until it is done; Ctrl-C leaves the run going')
    .option('--json', 'print the run as JSON')
    .action(async (stream: Stream, options: SyncOptions) => {
      const request = modeOf(options);
      await withInstallation(context, async (open) => {
        const shop = await chooseShop(open.sql, options.shop);
        const { startSync } = await import('../../sync/start-sync.ts');
        const temporalUiUrl = open.installation.temporal.uiUrl;
        const started = await audited(
          open.sql,
          { action: 'sync', object: { shop: shop.id, stream } },
          () =>
            withTemporal(context, open.installation, (temporal) =>
              startSync(
                { sql: open.sql, temporal, temporalUiUrl },
                { shopId: shop.id, stream, trigger: 'command', ...request },
              ),
            ),
          ({ run_id }) => ({ run_id }),
        );
        await showStarted(context, open, {
          shopId: shop.id,
          what: `${started.mode} sync`,
          unit: stream === 'analytics' ? 'days' : stream,
          started,
          ...options,
        });
      });
    });
  examples(command, [
    ['tideline sync orders --shop shop-1', 'what changed'],
    ['tideline sync orders --shop shop-1 --full --follow', 'everything, with a progress bar'],
    ['tideline sync orders --from 2026-01-01 --to 2026-02-01', 'one month again'],
  ]);
}

function parseTime(text: string): Date {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(day);
  const time = new Date(day);
  // JavaScript turns 31 February into 3 March; people mean something else.
  const rolledOver = day.endsWith('T00:00:00Z') && time.toJSON()?.slice(0, 10) !== day.slice(0, 10);
  if (!isTime || Number.isNaN(time.getTime()) || rolledOver) {
    throw new InvalidArgumentError('Write it as 2026-01-31 or 2026-01-31T08:00:00Z.');
  }
  return time;
}

function modeOf({ full, from, to }: SyncOptions): { mode: SyncMode; window?: { from: Date; to: Date } } {
  if (full && (from !== undefined || to !== undefined))
    throw new UsageError('--full reads everything: leave --from and --to out');
  if (full) return { mode: 'full' };
  if (from === undefined && to === undefined) return { mode: 'incremental' };
  if (from === undefined) throw new UsageError('--to needs --from');
  const window = { from, to: to ?? new Date() };
  if (window.from >= window.to) throw new UsageError('--from must be before --to');
  return { mode: 'window', window };
}
