import { Argument, type Command } from 'commander';
import type { Rebuild } from '../../sync/rebuild-orders.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import { type CommandContext, exitCodes, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, printJson } from '../output.ts';
import { createProgress } from '../progress.ts';
import { onStopSignals } from '../stop-signals.ts';
import { withInstallation } from '../with-installation.ts';

interface RebuildOptions {
  shop?: string;
  restart?: true;
  json?: true;
}

export function registerRebuild(program: Command, context: CommandContext): void {
  const command = program
    .command('rebuild')
    .description('rebuild the rows of a stream from the pages that were kept, without a call to TikTok')
    .addArgument(new Argument('<stream>', 'what to rebuild').choices(['orders']))
    .option('--shop <id>', "Tideline's id or TikTok's; may be left out while one shop is connected")
    .option('--restart', 'begin anew instead of going on where an earlier rebuild stopped')
    .option('--json', 'print the result as JSON')
    .action(async (stream: string, options: RebuildOptions) => {
      await withInstallation(context, async ({ sql }) => {
        const shop = await chooseShop(sql, options.shop);
        const interruption = new AbortController();
        const forgetSignals = onStopSignals(
          () => interruption.abort(),
          () => process.exit(exitCodes.interrupted),
        );
        const { environment, stderr: output } = context;
        const display = createProgress({ output, environment, unit: 'records' });
        const began = performance.now();
        let before: number | null = null;
        const { rebuildOrders } = await import('../../sync/rebuild-orders.ts');
        try {
          const rebuild = await audited(sql, { action: 'rebuild', object: { shop: shop.id, stream } }, () =>
            rebuildOrders(sql, {
              shopId: shop.id,
              restart: options.restart === true,
              signal: interruption.signal,
              onProgress: (done, expected) => {
                before ??= done;
                const ratePerSecond = (done - before) / Math.max(0.001, (performance.now() - began) / 1000);
                const etaSeconds = ratePerSecond > 0 ? (expected - done) / ratePerSecond : null;
                display.update(shop.id, { done, expected, ratePerSecond, etaSeconds });
              },
            }),
          );
          display.end();
          if (options.json) printJson(context.stdout, rebuild);
          else sayEnd(context, rebuild);
          if (rebuild.unreadable_pages > 0) context.exitCode = exitCodes.failed;
        } catch (error) {
          display.end();
          if (!interruption.signal.aborted) throw error;
          say(context.stderr, 'Stopped; the same command goes on where it stopped.');
          context.exitCode = exitCodes.interrupted;
        } finally {
          forgetSignals();
        }
      });
    });
  examples(command, [
    ['tideline rebuild orders --shop shop-1', 'after an update that reads orders better'],
    ['tideline rebuild orders --restart --json', 'from the first page, for other programs'],
  ]);
}

function sayEnd({ stdout, stderr }: CommandContext, rebuild: Rebuild): void {
  say(
    stdout,
    `${rebuild.shop_id}: ${formatNumber(rebuild.rebuilt)} orders rebuilt, ${formatNumber(rebuild.changed)} changed, ` +
      `${formatNumber(rebuild.released)} released from quarantine, ${formatNumber(rebuild.still_quarantined)} still set aside.`,
  );
  if (rebuild.not_rebuilt > 0) {
    const count = formatNumber(rebuild.not_rebuilt);
    say(stderr, `${count} orders have no page that is kept; a full sync reads them again.`);
  }
  if (rebuild.unreadable_pages > 0) {
    const count = formatNumber(rebuild.unreadable_pages);
    say(stderr, `${count} pages are damaged; a full sync reads their orders again.`);
  }
}
