import { type Command, InvalidArgumentError } from 'commander';
import { countDrift, listDrift } from '../../db/queries/drift-findings.ts';
import { countSetAside, listSetAside } from '../../db/queries/quarantine.ts';
import { scopeToShop } from '../../db/queries/shop-scope.ts';
import { chooseShop } from '../choose-shop.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, formatTime, printJson, renderTable } from '../output.ts';
import { withInstallation } from '../with-installation.ts';

interface ListOptions {
  shop?: string;
  limit: number;
  json?: true;
}

const shopOption = "Tideline's id or TikTok's; may be left out while one shop is connected";

/** What could not be stored, and what TikTok sends undocumented. */
export function registerDataQuality(program: Command, context: CommandContext): void {
  registerQuarantine(program, context);
  registerDrift(program, context);
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 500) return limit;
  throw new InvalidArgumentError('Write a whole number from 1 to 500.');
}

function registerQuarantine(program: Command, context: CommandContext): void {
  const command = program
    .command('quarantine')
    .description('records that could not be stored as rows')
    .command('list')
    .description('list them with path and reason, newest first')
    .option('--shop <id>', shopOption)
    .option('--limit <number>', 'how many, at most 500', parseLimit, 50)
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => {
      await withInstallation(context, async ({ sql }) => {
        const scope = scopeToShop((await chooseShop(sql, options.shop)).id);
        const found = await listSetAside(scope, sql, { after: null, limit: options.limit });
        const total = await countSetAside(scope, sql);
        const data = found.map(({ record }) => record);
        if (options.json) return printJson(context.stdout, { data, total });
        if (total === 0) return say(context.stdout, 'No record is set aside.');
        const rows = data.map((record) => [
          record.record_id,
          record.path,
          record.reason,
          formatTime(record.first_seen_at),
          formatTime(record.last_seen_at),
          record.run_id ?? '',
        ]);
        const titles = ['record', 'path', 'reason', 'first seen', 'last seen', 'run'];
        say(context.stdout, renderTable(titles, rows));
        sayRest(context, data.length, total);
      });
    });
  examples(command, [['tideline quarantine list --shop shop-1', 'what is set aside, and why']]);
}

function registerDrift(program: Command, context: CommandContext): void {
  const command = program
    .command('drift')
    .description('what TikTok sends and does not document')
    .command('list')
    .description('list unknown, missing and retyped fields and new codes')
    .option('--shop <id>', shopOption)
    .option('--limit <number>', 'how many, at most 500', parseLimit, 50)
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => {
      await withInstallation(context, async ({ sql }) => {
        const scope = scopeToShop((await chooseShop(sql, options.shop)).id);
        const data = await listDrift(scope, sql, { after: null, limit: options.limit });
        const total = await countDrift(scope, sql);
        if (options.json) return printJson(context.stdout, { data, total });
        if (total === 0) return say(context.stdout, 'Everything is as TikTok documents it.');
        const rows = data.map((drift) => [
          drift.stream,
          drift.path,
          drift.kind.replace('_', ' '),
          drift.samples.join(' | '),
          formatNumber(drift.occurrences),
          formatTime(drift.first_seen_at),
          formatTime(drift.last_seen_at),
        ]);
        const titles = ['stream', 'path', 'what', 'seen as', '>times', 'first seen', 'last seen'];
        say(context.stdout, renderTable(titles, rows));
        sayRest(context, data.length, total);
      });
    });
  examples(command, [['tideline drift list --shop shop-1 --json', 'for other programs']]);
}

function sayRest(context: CommandContext, shown: number, total: number): void {
  if (total > shown) say(context.stderr, `${formatNumber(total - shown)} more; --limit shows up to 500.`);
}
