import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { parseKeyRing, parseMasterKeys } from '../../../encryption/key-ring.ts';
import type { Sql } from '../../db/pool.ts';
import { TidelineError } from '../../errors.ts';
import { type DataDirectory, findDataDirectory } from '../../servers/data-directory.ts';
import { readKeyUse, rewrapDataKeys, withKeyUseHeld } from '../../shops/rotate-keys.ts';
import { audited } from '../audited.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, printJson } from '../output.ts';
import { withInstallation } from '../with-installation.ts';

interface Rotation {
  /** `key-needed`: the environment has to bring the new key first. */
  status: 'rotated' | 'key-needed' | 'removed';
  /** Id of the key that wraps. */
  newest: string;
  rewrapped: number;
  /** Ids of keys of the ring that protect nothing any more. */
  unused: string[];
}

export function registerRotateEncryption(keys: Command, context: CommandContext): void {
  const command = keys
    .command('rotate-encryption')
    .description('protect everything with a new encryption key, while Tideline runs; interrupted, it goes on')
    .option('--remove-unused', 'remove the keys that protect nothing any more; backups made before need them')
    .option('--json', 'print the result as JSON')
    .action(async (options: { removeUnused?: true; json?: true }) => {
      await withInstallation(context, async ({ sql, config, installation }) => {
        const own = config.encryptionKeys === null ? findDataDirectory(config.dataDirectory) : null;
        const rotation = await audited(sql, { action: 'keys rotate-encryption' }, () => {
          if (options.removeUnused) return removeUnused(sql, own);
          const report = (line: string): void => say(context.stderr, line);
          return rotate(sql, own, installation.encryptionKeys, report);
        });
        if (options.json) return printJson(context.stdout, rotation);
        for (const line of describe(rotation, own !== null)) say(context.stdout, line);
      });
    });
  examples(command, [
    ['tideline keys rotate-encryption', 'a new key for everything, without a restart'],
    ['tideline keys rotate-encryption --remove-unused', 'when no backup needs the old key any more'],
  ]);
}

async function rotate(
  sql: Sql,
  own: DataDirectory | null,
  configured: string,
  report: (line: string) => void,
): Promise<Rotation> {
  let text = own?.readSecrets()?.encryptionKeys ?? configured;
  const newest = parseMasterKeys(text)[0].id;
  const before = await readKeyUse(sql);
  const outdated = [...before.keys()].some((id) => id !== newest);
  // Something under an older key: a new one has been added already, and this goes on with it.
  if (!outdated) {
    if (own === null) return { status: 'key-needed', newest, rewrapped: 0, unused: unusedOf(text, before) };
    text = `${nextId(text)}:${randomBytes(32).toString('base64')},${text}`;
    // Before anything is wrapped with it: whoever meets the new key finds it there.
    own.replaceEncryptionKeys(text);
  }
  const ring = parseKeyRing(text);
  const total = [...before].reduce((sum, [id, count]) => (id === ring.newestKeyId ? sum : sum + count), 0);
  const rewrapped = await rewrapDataKeys(sql, ring, (done) =>
    report(`${formatNumber(done)} of ${formatNumber(total)} data keys`),
  );
  const unused = unusedOf(text, await readKeyUse(sql));
  return { status: 'rotated', newest: ring.newestKeyId, rewrapped, unused };
}

function unusedOf(text: string, use: ReadonlyMap<string, number>): string[] {
  const [, ...older] = parseMasterKeys(text);
  return older.map(({ id }) => id).filter((id) => !use.has(id));
}

/** `k3` after `k1` and `k2`; ids that somebody chose otherwise are left alone. */
function nextId(text: string): string {
  const numbers = parseMasterKeys(text).map(({ id }) => Number(/^k(\d{1,6})$/.exec(id)?.[1] ?? 0));
  return `k${Math.max(...numbers) + 1}`;
}

async function removeUnused(sql: Sql, own: DataDirectory | null): Promise<Rotation> {
  const secrets = own?.readSecrets() ?? null;
  if (own === null || secrets === null) {
    throw new TidelineError({
      code: 'keys-of-the-environment',
      message: 'The encryption keys are those of TIDELINE_ENCRYPTION_KEYS.',
      actor: 'user',
      action: 'Take a key that "tideline doctor" calls unused out of the variable, and restart.',
    });
  }
  return withKeyUseHeld(sql, (use) => {
    const unused = unusedOf(secrets.encryptionKeys, use);
    const kept = secrets.encryptionKeys
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => !unused.includes(entry.split(':')[0] ?? ''));
    own.replaceEncryptionKeys(kept.join(','));
    const newest = parseMasterKeys(secrets.encryptionKeys)[0].id;
    return { status: 'removed', newest, rewrapped: 0, unused };
  });
}

function describe({ status, newest, rewrapped, unused }: Rotation, own: boolean): string[] {
  const list = unused.join(', ');
  if (status === 'removed') return [unused.length === 0 ? 'No key is unused.' : `Removed: ${list}.`];
  if (status === 'key-needed') {
    return [
      `Everything is under "${newest}", the newest key of TIDELINE_ENCRYPTION_KEYS. To rotate:`,
      '1. Put a new key first, wherever the variable is set: TIDELINE_ENCRYPTION_KEYS="k2:$(openssl rand -base64 32),<as now>"',
      '   Several programs: add it last at first and restart all, then put it first, so that each knows it before one uses it.',
      '2. Restart the programs, one after the other.',
      '3. Run this command again with the same variable.',
    ];
  }
  const lines = [`Everything is under "${newest}": ${formatNumber(rewrapped)} data keys were wrapped anew.`];
  if (unused.length === 0) return lines;
  const remove = own ? '"--remove-unused" removes it' : 'take it out of TIDELINE_ENCRYPTION_KEYS';
  return [...lines, `${list} protects nothing any more. When no backup needs it, ${remove}.`];
}
