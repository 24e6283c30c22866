import type { Command } from 'commander';
import { parseKeyRing } from '../../../encryption/key-ring.ts';
import type { Erasure } from '../../privacy/erasures.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import { confirm } from '../confirm.ts';
import { type CommandContext, type Output, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, printJson } from '../output.ts';
import { withInstallation } from '../with-installation.ts';

interface EraseBuyerOptions {
  shop?: string;
  buyer: string;
  dryRun?: true;
  yes?: true;
  json?: true;
}

export function registerEraseBuyer(program: Command, context: CommandContext): void {
  const command = program
    .command('erase-buyer')
    .description('delete what is personal of a buyer, for good, and say what was deleted and what remains')
    .option('--shop <id>', 'of which shop (may be left out while one is connected)')
    .requiredOption('--buyer <user id>', "TikTok's id of the buyer, as in buyer_id of an order")
    .option('--dry-run', 'count only; change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print the report as JSON')
    .action(async (options: EraseBuyerOptions) => {
      const { createDataKeys } = await import('../../shops/data-keys.ts');
      const { createPersonalData } = await import('../../privacy/personal-data.ts');
      const { eraseBuyer } = await import('../../privacy/erase-buyer.ts');
      await withInstallation(context, async ({ sql, config, installation }) => {
        const { id: shopId } = await chooseShop(sql, options.shop);
        const dataKeys = createDataKeys(parseKeyRing(installation.encryptionKeys));
        const { fingerprints } = createPersonalData(sql, dataKeys, config.personalRetentionDays);
        const erase = (dryRun: boolean): Promise<Erasure> =>
          eraseBuyer({ sql, fingerprints, shopId, buyerId: options.buyer, dryRun });
        if (options.dryRun) return printErasure(context.stdout, await erase(true), options.json);
        await confirm(context, `Erase this buyer of ${shopId}? It cannot be undone.`, options.yes ?? false);
        const erased = await audited(sql, { action: 'erase-buyer', object: { shop: shopId } }, () =>
          erase(false),
        );
        printErasure(context.stdout, erased, options.json);
      });
    });
  examples(command, [
    ['tideline erase-buyer --shop shop-1 --buyer 7494… --dry-run', 'what would be deleted'],
    ['tideline erase-buyer --shop shop-1 --buyer 7494… --yes --json', 'for other programs'],
  ]);
}

/** Prints what an erasure did, or would do. */
export function printErasure(output: Output, erasure: Erasure, json: true | undefined): void {
  if (json) {
    printJson(output, erasure);
    return;
  }
  const { report } = erasure;
  const rehearsed = erasure.status === 'rehearsed';
  const subject = erasure.subject === 'buyer' ? `a buyer of ${erasure.shop_id}` : erasure.shop_id;
  say(output, rehearsed ? `Would erase ${subject}; nothing was changed.` : `Erased ${subject}.`);
  const lines = (title: string, counts: Record<string, number>): void => {
    for (const [table, rows] of Object.entries(counts)) {
      say(output, `  ${title.padEnd(8)} ${formatNumber(rows).padStart(9)}  ${table}`);
    }
  };
  lines('deleted', report?.deleted ?? {});
  lines('changed', report?.changed ?? {});
  say(output, 'What remains:');
  for (const { what, why } of report?.remains ?? []) say(output, `  ${what}. ${why}`);
  if (erasure.erasure_id !== null) say(output, `The report is kept as ${erasure.erasure_id}.`);
}
