import type { Command } from 'commander';
import { createConnectLink } from '../../api/connect-links.ts';
import { disconnectShop, listShops } from '../../shops/shops.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import { confirm } from '../confirm.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatTime, printJson, renderTable } from '../output.ts';
import { withInstallation, withTemporal } from '../with-installation.ts';
import { printErasure } from './erase-buyer.ts';

interface JsonOption {
  json?: true;
}

export function registerShops(program: Command, context: CommandContext): void {
  const shops = program.command('shops').description('connect, list and disconnect shops');
  registerConnect(shops, context);
  registerList(shops, context);
  registerDisconnect(shops, context);
  registerErase(shops, context);
}

function registerConnect(shops: Command, context: CommandContext): void {
  const command = shops
    .command('connect')
    .description('print a link, valid once and for half an hour, that connects a shop in any browser')
    .option('--json', 'print the link as JSON')
    .action(async (options: JsonOption) => {
      await withInstallation(context, async ({ sql, installation }) => {
        const link = await audited(sql, { action: 'shops connect' }, () =>
          createConnectLink(sql, installation.publicUrl),
        );
        if (options.json) return printJson(context.stdout, link);
        say(context.stdout, link.url);
        say(
          context.stderr,
          `Open it in a browser as the shop's owner; it is valid once, until ${link.expires_at}.`,
        );
      });
    });
  examples(command, [
    ['tideline shops connect', 'print the link'],
    ['xdg-open "$(tideline shops connect)"', 'open it here'],
  ]);
}

function registerList(shops: Command, context: CommandContext): void {
  const command = shops
    .command('list')
    .description('list the shops')
    .option('--json', 'print the shops as JSON')
    .action(async (options: JsonOption) => {
      const list = await withInstallation(context, ({ sql }) => listShops(sql));
      if (options.json) return printJson(context.stdout, { data: list });
      if (list.length === 0)
        return say(context.stdout, 'No shop is connected. Connect one: tideline shops connect');
      const rows = list.map((shop) => [
        shop.id,
        shop.tiktok_shop_id,
        shop.name,
        shop.region,
        shop.status,
        shop.sync_enabled ? 'on' : 'off',
        formatTime(shop.connected_at),
      ]);
      const titles = ['shop', 'TikTok id', 'name', 'region', 'status', 'sync', 'connected'];
      say(context.stdout, renderTable(titles, rows));
    });
  examples(command, [['tideline shops list --json', 'for other programs']]);
}

function registerDisconnect(shops: Command, context: CommandContext): void {
  const command = shops
    .command('disconnect')
    .description(
      "stop a shop's syncs and destroy its tokens; what was stored is erased later, unless it is connected again",
    )
    .argument('<shop>', "Tideline's id or TikTok's")
    .option('--json', 'print the shop as JSON')
    .action(async (reference: string, options: JsonOption) => {
      await withInstallation(context, async ({ sql, config, installation }) => {
        const shop = await chooseShop(sql, reference);
        const { stopShop } = await import('../../sync/shop-runs.ts');
        await audited(sql, { action: 'shops disconnect', object: { shop: shop.id } }, async () => {
          await withTemporal(context, installation, (temporal) =>
            stopShop({ sql, temporal, temporalUiUrl: installation.temporal.uiUrl }, shop.id),
          );
          await disconnectShop(sql, shop.id);
        });
        if (options.json) return printJson(context.stdout, await chooseShop(sql, shop.id));
        say(context.stdout, `${shop.id} is disconnected.`);
        say(
          context.stderr,
          `What was stored is erased in ${config.shopRetentionDays} days, unless it is connected again; "tideline shops erase" does it now.`,
        );
      });
    });
  examples(command, [['tideline shops disconnect shop-1', 'disconnect one shop']]);
}

interface EraseOptions extends JsonOption {
  dryRun?: true;
  yes?: true;
}

function registerErase(shops: Command, context: CommandContext): void {
  const command = shops
    .command('erase')
    .description('destroy everything that was stored of a shop, for good, and say what was deleted')
    .argument('<shop>', "Tideline's id or TikTok's")
    .option('--dry-run', 'count only; change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print the report as JSON')
    .action(async (reference: string, options: EraseOptions) => {
      const { beginShopErasure, eraseShop, rehearseShopErasure } = await import(
        '../../privacy/erase-shop.ts'
      );
      await withInstallation(context, async ({ sql, installation }) => {
        const { id } = await chooseShop(sql, reference);
        if (options.dryRun) {
          return printErasure(context.stdout, await rehearseShopErasure(sql, id), options.json);
        }
        await confirm(context, `Erase all of ${id}? It cannot be undone.`, options.yes ?? false);
        const { stopShop } = await import('../../sync/shop-runs.ts');
        const erased = await audited(sql, { action: 'shops erase', object: { shop: id } }, async () => {
          const erasureId = await beginShopErasure(sql, id);
          await withTemporal(context, installation, (temporal) =>
            stopShop({ sql, temporal, temporalUiUrl: installation.temporal.uiUrl }, id),
          );
          return eraseShop(sql, erasureId);
        });
        printErasure(context.stdout, erased, options.json);
      });
    });
  examples(command, [
    ['tideline shops erase shop-1 --dry-run', 'what would be deleted'],
    ['tideline shops erase shop-1', 'erase it'],
  ]);
}
