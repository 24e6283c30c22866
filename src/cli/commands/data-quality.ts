import { type Command, InvalidArgumentError } from 'commander';
import type { Sql } from '../../db/pool.ts';
import { countDrift, listDrift } from '../../db/queries/drift-findings.ts';
import { countSetAside, listSetAside } from '../../db/queries/quarantine.ts';
import { type ShopScope, scopeToShop } from '../../db/queries/shop-scope.ts';
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
  const command = program.command('quarantine').description('records that could not be stored as rows');
  const list = registerList(command, context, {
    description: 'list them with path and reason, newest first',
    none: 'No record is set aside.',
    titles: ['record', 'path', 'reason', 'first seen', 'last seen', 'run'],
    async read(scope, sql, limit) {
      const found = await listSetAside(scope, sql, { after: null, limit });
      return { data: found.map(({ record }) => record), total: await countSetAside(scope, sql) };
    },
    cells: (record) => [
      record.record_id,
      record.path,
      record.reason,
      formatTime(record.first_seen_at),
      formatTime(record.last_seen_at),
      record.run_id ?? '',
    ],
  });
  examples(list, [['tideline quarantine list --shop shop-1', 'what is set aside, and why']]);
}

function registerDrift(program: Command, context: CommandContext): void {
  const command = program.command('drift').description('what TikTok sends and does not document');
  const list = registerList(command, context, {
    description: 'list unknown, missing and retyped fields and new codes',
    none: 'Everything is as TikTok documents it.',
    titles: ['stream', 'path', 'what', 'seen as', '>times', 'first seen', 'last seen'],
    read: async (scope, sql, limit) => ({
      data: await listDrift(scope, sql, { after: null, limit }),
      total: await countDrift(scope, sql),
    }),
    cells: (drift) => [
      drift.stream,
      drift.path,
      drift.kind.replace('_', ' '),
      drift.samples.join(' | '),
      formatNumber(drift.occurrences),
      formatTime(drift.first_seen_at),
      formatTime(drift.last_seen_at),
    ],
  });
  examples(list, [['tideline drift list --shop shop-1 --json', 'for other programs']]);
}

interface ShopList<Row> {
  description: string;
  /** Said in place of an empty table. */
  none: string;
  titles: string[];
  read(scope: ShopScope, sql: Sql, limit: number): Promise<{ data: readonly Row[]; total: number }>;
  cells(row: Row): string[];
}

/** The command `list` of something that a shop has. */
function registerList<Row>(parent: Command, context: CommandContext, list: ShopList<Row>): Command {
  return parent
    .command('list')
    .description(list.description)
    .option('--shop <id>', shopOption)
    .option('--limit <number>', 'how many, at most 500', parseLimit, 50)
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => {
      await withInstallation(context, async ({ sql }) => {
        const scope = scopeToShop((await chooseShop(sql, options.shop)).id);
        const { data, total } = await list.read(scope, sql, options.limit);
        if (options.json) return printJson(context.stdout, { data, total });
        if (total === 0) return say(context.stdout, list.none);
        say(context.stdout, renderTable(list.titles, data.map(list.cells)));
        sayRest(context, data.length, total);
      });
    });
}

function sayRest(context: CommandContext, shown: number, total: number): void {
  if (total > shown) say(context.stderr, `${formatNumber(total - shown)} more; --limit shows up to 500.`);
}
