import type { Command } from 'commander';
import { listShops } from '../../shops/shops.ts';
import { chooseShop } from '../choose-shop.ts';
import { type CommandContext, exitCodes, say } from '../context.ts';
import { examples } from '../examples.ts';
import { printJson } from '../output.ts';
import { withInstallation } from '../with-installation.ts';

/** For whoever develops Tideline: not shown in the help. */
export function registerCheck(program: Command, context: CommandContext): void {
  const command = program
    .command('check', { hidden: true })
    .description(
      'compare what is stored with what a running simulator holds: ids, versions, money to the cent',
    )
    .argument('<control-url>', 'control address of the simulator')
    .option('--shop <id>', 'only this shop (default: all)')
    .option('--json', 'print the comparison as JSON')
    .action(async (controlUrl: string, options: { shop?: string; json?: true }) => {
      const { compareWithSimulator, formatComparison } = await import('../../../simulator/index.ts');
      const comparisons = await withInstallation(context, async ({ sql, installation: { databaseUrl } }) => {
        const shops =
          options.shop === undefined ? await listShops(sql) : [await chooseShop(sql, options.shop)];
        return Promise.all(
          shops.map((shop) =>
            compareWithSimulator({ databaseUrl, controlUrl, tiktokShopId: shop.tiktok_shop_id }),
          ),
        );
      });
      if (options.json) printJson(context.stdout, { data: comparisons });
      else for (const comparison of comparisons) say(context.stdout, formatComparison(comparison));
      const equal = comparisons.every((comparison) => comparison.equal);
      context.exitCode = equal ? exitCodes.done : exitCodes.failed;
    });
  examples(command, [['tideline check http://127.0.0.1:4010/control', 'exit code 1 when anything differs']]);
}
