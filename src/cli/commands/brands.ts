import type { Command } from 'commander';
import type { BrandRule } from '../../brands/brand-rule.ts';
import type { BrandRulePreview } from '../../brands/change-brand-rules.ts';
import { scopeToShop } from '../../db/queries/shop-scope.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { clean, formatNumber, printJson, renderTable } from '../output.ts';
import { readGivenFile } from '../read-given-file.ts';
import { UsageError } from '../usage-error.ts';
import { withInstallation } from '../with-installation.ts';

interface BrandOptions {
  shop?: string;
  json?: true;
}

const shopOption = [
  '--shop <id>',
  "Tideline's id or TikTok's; may be left out while one shop is connected",
] as const;

export function registerBrands(program: Command, context: CommandContext): void {
  const group = program
    .command('brands')
    .description('how brands are found in the names of products that TikTok names no brand of');
  registerList(group, context);
  registerSet(group, context);
  registerPreview(group, context);
}

function registerList(group: Command, context: CommandContext): void {
  const command = group
    .command('list')
    .description('the rules of a shop, in their order')
    .option(...shopOption)
    .option('--json', 'print the rules as "set" takes them')
    .action(async (options: BrandOptions) => {
      await withInstallation(context, async ({ sql }) => {
        const shop = await chooseShop(sql, options.shop);
        const { readBrandRules } = await import('../../db/queries/brand-rules.ts');
        const rules = await readBrandRules(scopeToShop(shop.id), sql);
        if (options.json) printJson(context.stdout, { rules });
        else sayRules(context, shop.id, rules);
      });
    });
  examples(command, [['tideline brands list --shop shop-1 --json > rules.json', 'to edit them']]);
}

function registerSet(group: Command, context: CommandContext): void {
  const command = group
    .command('set')
    .description("replace the rules, and find the brands of all the shop's products anew")
    .argument('<file>', 'JSON: {"rules": […]}, as docs/analytics.md tells')
    .option(...shopOption)
    .option('--json', 'print the rules and the number of changed products as JSON')
    .action(async (path: string, options: BrandOptions) => {
      const rules = await readRules(path);
      await withInstallation(context, async ({ sql }) => {
        const shop = await chooseShop(sql, options.shop);
        const { changeBrandRules } = await import('../../brands/change-brand-rules.ts');
        const noted = { action: 'brands set', object: { shop: shop.id } };
        const changed = await audited(sql, noted, () => changeBrandRules(scopeToShop(shop.id), sql, rules));
        if (options.json) printJson(context.stdout, changed);
        else {
          sayRules(context, shop.id, changed.rules);
          say(context.stdout, `Products with another brand now: ${formatNumber(changed.changed)}.`);
        }
      });
    });
  examples(command, [
    ['tideline brands set rules.json --shop shop-1', 'all products have the new brands at once'],
  ]);
}

function registerPreview(group: Command, context: CommandContext): void {
  const command = group
    .command('preview')
    .description('what rules would find; nothing is changed')
    .argument('<file>', 'JSON, as "set" takes it')
    .option(...shopOption)
    .option('--json', 'print the preview as JSON')
    .action(async (path: string, options: BrandOptions) => {
      const rules = await readRules(path);
      await withInstallation(context, async ({ sql }) => {
        const shop = await chooseShop(sql, options.shop);
        const { previewBrandRules } = await import('../../brands/change-brand-rules.ts');
        const preview = await previewBrandRules(scopeToShop(shop.id), sql, rules);
        if (options.json) printJson(context.stdout, preview);
        else sayPreview(context, preview);
      });
    });
  examples(command, [['tideline brands preview rules.json', 'before you set them']]);
}

/** @throws UsageError for what are no rules; it says where */
async function readRules(path: string): Promise<BrandRule[]> {
  const given = parse((await readGivenFile(path)).toString('utf8'), path);
  const { brandRulesToSet } = await import('../../api/routes/brand-rules.schema.ts');
  const parsed = brandRulesToSet.safeParse(Array.isArray(given) ? { rules: given } : given);
  if (parsed.success) return parsed.data.rules;
  const [first] = parsed.error.issues;
  throw new UsageError(`${path}: ${first?.path.map(String).join('.') || 'it'} ${first?.message}`);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A RangeError is nesting deeper than the parser's stack.
    if (error instanceof SyntaxError || error instanceof RangeError)
      throw new UsageError(`${path} is not valid JSON`);
    throw error;
  }
}

function sayRules({ stdout }: CommandContext, shopId: string, rules: readonly BrandRule[]): void {
  const rows = rules.map((rule, index) => [String(index), rule.kind, detailOf(rule)]);
  const table = renderTable(['>#', 'KIND', 'LOOKS FOR'], rows);
  say(stdout, rows.length === 0 ? `${shopId} has no brand rules: only TikTok names brands.` : table);
}

function detailOf(rule: BrandRule): string {
  const called = rule.kind === 'list' || rule.brand === undefined ? '' : ` → ${rule.brand}`;
  if (rule.kind === 'regular_expression') return `${rule.expression}${called}`;
  if (rule.kind === 'prefix') {
    return rule.prefix === undefined ? `what stands before "${rule.separator}"` : `"${rule.prefix}"${called}`;
  }
  const more = rule.brands.length > 5 ? `, … ${formatNumber(rule.brands.length)} in all` : '';
  return `${rule.brands.slice(0, 5).join(', ')}${more}`;
}

function sayPreview({ stdout }: CommandContext, preview: BrandRulePreview): void {
  const { products, named_by_tiktok: byTiktok, named_by_rules: byRules, unnamed, changed } = preview;
  say(
    stdout,
    `Of ${formatNumber(products)} products TikTok names the brand of ${formatNumber(byTiktok)}, the rules of ${formatNumber(byRules)}; ${formatNumber(unnamed)} have none. ${formatNumber(changed)} would change.`,
  );
  const named = preview.brands.map(({ brand, products: count }) => [brand, formatNumber(count)]);
  if (named.length > 0) say(stdout, `\n${renderTable(['BRAND', '>PRODUCTS'], named)}`);
  if (preview.examples.length === 0) return;
  say(stdout, '\nFor example:');
  for (const { title, before, after, rule } of preview.examples) {
    const by = rule === null ? '' : ` (rule ${rule})`;
    say(stdout, clean(`  ${title ?? '–'}: ${before ?? 'none'} → ${after ?? 'none'}${by}`));
  }
}
