import type { Command } from 'commander';
import { scopeToShop } from '../../db/queries/shop-scope.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import type { CommandContext } from '../context.ts';
import { examples } from '../examples.ts';
import { readGivenFile } from '../read-given-file.ts';
import { showStarted } from '../started-run.ts';
import { UsageError } from '../usage-error.ts';
import { withInstallation, withTemporal } from '../with-installation.ts';

interface ImportOptions {
  shop?: string;
  date?: string;
  follow?: true;
  json?: true;
}

export function registerAnalytics(program: Command, context: CommandContext): void {
  const group = program.command('analytics').description('figures of products, beside those of the Open API');
  const command = group
    .command('import-workbook')
    .description('store the product workbook of one day, as it was downloaded in the seller center')
    .argument('<file>', 'the .xlsx file')
    .option('--shop <id>', "Tideline's id or TikTok's; may be left out while one shop is connected")
    .option('--date <day>', 'the day that it is of, where the workbook does not say it beyond doubt')
    .option('--follow', 'show the progress until it is stored; Ctrl-C leaves the run going')
    .option('--json', 'print the run as JSON')
    .action(async (path: string, options: ImportOptions) => {
      const { isDay } = await import('../../analytics/calendar.ts');
      if (options.date !== undefined && !isDay(options.date))
        throw new UsageError('--date is no day such as 2026-03-01');
      const file = await readGivenFile(path);
      await withInstallation(context, async (open) => {
        const { sql, installation } = open;
        const shop = await chooseShop(sql, options.shop);
        const { readWorkbookForImport } = await import('../../analytics/import-workbook.ts');
        const { startSync } = await import('../../sync/start-sync.ts');
        const given = { file, date: options.date ?? null };
        const request = await readWorkbookForImport(scopeToShop(shop.id), sql, given);
        const started = await audited(
          sql,
          { action: 'analytics import-workbook', object: { shop: shop.id } },
          () =>
            withTemporal(context, installation, (temporal) =>
              startSync(
                { sql, temporal, temporalUiUrl: installation.temporal.uiUrl },
                { ...request, trigger: 'command' },
              ),
            ),
          ({ run_id }) => ({ run_id }),
        );
        const what = `import of the products of ${request.backfill?.dateFrom}`;
        await showStarted(context, open, { shopId: shop.id, what, unit: 'days', started, ...options });
      });
    });
  examples(command, [
    [
      'tideline analytics import-workbook product_list.xlsx --shop shop-1 --follow',
      'one day, and wait for it',
    ],
    ['tideline analytics import-workbook product_list.xlsx --date 2026-03-04', 'where 04/03 could be April'],
  ]);
}
