import { type Command, InvalidArgumentError } from 'commander';
import { createKey, revokeKey } from '../../api/keys.ts';
import { type Scope, scopes } from '../../api/principal.ts';
import { type ApiKey, listKeys } from '../../db/queries/api-keys.ts';
import { TidelineError } from '../../errors.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatTime, printJson, renderTable } from '../output.ts';
import { withInstallation } from '../with-installation.ts';
import { registerRotateEncryption } from './rotate-encryption.ts';

interface CreateOptions {
  name: string;
  scopes: Scope[];
  shop?: string[];
  days?: number;
  json?: true;
}

export function registerKeys(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .description('make, list and revoke keys of the API; rotate the encryption keys');
  registerCreate(keys, context);
  registerList(keys, context);
  registerRevoke(keys, context);
  registerRotateEncryption(keys, context);
}

function parseScopes(text: string): Scope[] {
  return text.split(',').map((word) => {
    const scope = scopes.find((candidate) => candidate === word.trim());
    if (scope === undefined) throw new InvalidArgumentError(`Scopes are ${scopes.join(', ')}.`);
    return scope;
  });
}

function parseDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 3650) throw new InvalidArgumentError('Write a whole number from 1 to 3650.');
  return days;
}

function registerCreate(keys: Command, context: CommandContext): void {
  const command = keys
    .command('create')
    .description('make a key and print it; it is shown only this once')
    .option('--name <name>', 'what it is for', 'command line')
    .option('--scopes <scopes>', `separated by commas: ${scopes.join(', ')}`, parseScopes, [
      'admin',
    ] as Scope[])
    .option('--shop <id...>', 'shops that it may see (default: all)')
    .option('--days <number>', 'days after which it ends by itself (default: never)', parseDays)
    .option('--json', 'print the key and its details as JSON')
    .action(async (options: CreateOptions) => {
      await withInstallation(context, async ({ sql }) => {
        const shopIds: string[] = [];
        for (const reference of options.shop ?? []) shopIds.push((await chooseShop(sql, reference)).id);
        const request = {
          name: options.name,
          scopes: options.scopes,
          shopIds: options.shop === undefined ? null : shopIds,
          expiresAt: options.days === undefined ? null : new Date(Date.now() + options.days * 86_400_000),
        };
        const made = await audited(
          sql,
          { action: 'keys create' },
          () => createKey(sql, request),
          ({ id }) => ({ id }),
        );
        if (options.json) return printJson(context.stdout, made);
        say(context.stdout, made.key);
        say(
          context.stderr,
          `${made.id} with ${made.scopes.join(', ')}: keep it, it is shown only this once.`,
        );
      });
    });
  examples(command, [
    ['tideline keys create', 'an admin key, for instance when the first one is lost'],
    ['tideline keys create --name report --scopes read --shop shop-1', 'a key that reads one shop'],
    ['tideline keys create --name visitor --scopes read --days 7', 'a key that ends in a week'],
  ]);
}

function registerList(keys: Command, context: CommandContext): void {
  const command = keys
    .command('list')
    .description('list the keys, without their secrets')
    .option('--json', 'print the keys as JSON')
    .action(async (options: { json?: true }) => {
      const list = await withInstallation(context, ({ sql }) => listKeys(sql));
      if (options.json) return printJson(context.stdout, { data: list });
      if (list.length === 0) return say(context.stdout, 'There are no stored keys.');
      const rows = list.map((key) => [
        key.id,
        key.name,
        key.scopes.join(','),
        key.shops?.join(',') ?? 'all',
        formatTime(key.created_at),
        formatTime(key.last_used_at),
        formatTime(key.expires_at),
        stateOf(key),
      ]);
      const titles = ['id', 'name', 'scopes', 'shops', 'made', 'last used', 'ends', 'status'];
      say(context.stdout, renderTable(titles, rows));
    });
  examples(command, [['tideline keys list --json', 'for other programs']]);
}

function stateOf({ revoked_at, expires_at }: ApiKey): string {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && Date.parse(expires_at) <= Date.now() ? 'over' : 'valid';
}

function registerRevoke(keys: Command, context: CommandContext): void {
  const command = keys
    .command('revoke')
    .description('make a key useless and sign out its sessions')
    .argument('<id>', 'the id that "keys list" shows')
    .option('--json', 'print the result as JSON')
    .action(async (id: string, options: { json?: true }) => {
      await withInstallation(context, ({ sql }) =>
        audited(sql, { action: 'keys revoke', object: { id: id.slice(0, 60) } }, async () => {
          if (!(await revokeKey(sql, id))) throw keyNotFound(id);
        }),
      );
      if (options.json) return printJson(context.stdout, { id, revoked: true });
      say(context.stdout, `${id} is revoked.`);
    });
  examples(command, [['tideline keys revoke key_4f1c…', 'revoke one key']]);
}

function keyNotFound(id: string): TidelineError {
  return new TidelineError({
    code: 'key-not-found',
    message: `There is no valid key with the id ${JSON.stringify(id.slice(0, 60))}.`,
    actor: 'user',
    action: '"tideline keys list" shows the ids.',
  });
}
