import type { Command } from 'commander';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import type { CommandContext } from '../context.ts';
import { examples } from '../examples.ts';
import { showStarted } from '../started-run.ts';
import { withInstallation, withTemporal } from '../with-installation.ts';

interface ReconcileOptions {
  shop?: string;
  follow?: true;
  json?: true;
}

export function registerReconcile(program: Command, context: CommandContext): void {
  const command = program
    .command('reconcile')
    .description('hold what is stored of a shop against TikTok, and mend what is missing or wrong')
    .option('--shop <id>', "Tideline's id or TikTok's; may be left out while one shop is connected")
    .option('--follow', 'show the progress until it is done; Ctrl-C leaves the run going')
    .option('--json', 'print the run as JSON')
    .action(async (options: ReconcileOptions) => {
      await withInstallation(context, async (open) => {
        const shop = await chooseShop(open.sql, options.shop);
        const { startSync } = await import('../../sync/start-sync.ts');
        const temporalUiUrl = open.installation.temporal.uiUrl;
        const request = {
          shopId: shop.id,
          stream: 'reconcile',
          mode: 'reconcile',
          trigger: 'command',
        } as const;
        const started = await audited(
          open.sql,
          { action: 'reconcile', object: { shop: shop.id } },
          () =>
            withTemporal(context, open.installation, (temporal) =>
              startSync({ sql: open.sql, temporal, temporalUiUrl }, request),
            ),
          ({ run_id }) => ({ run_id }),
        );
        await showStarted(context, open, { shopId: shop.id, what: 'reconciliation', started, ...options });
      });
    });
  examples(command, [
    ['tideline reconcile --shop shop-1 --follow', 'compare now and watch'],
    ['tideline status', 'what the last one came to'],
  ]);
}
