import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseKeyRing } from '../../../encryption/key-ring.ts';
import type { RestoredBackup } from '../../backup/restore-backup.ts';
import { loadConfig } from '../../config.ts';
import { TidelineError } from '../../errors.ts';
import type { OpenedDatabase } from '../../servers/index.ts';
import { rowsProgress } from '../backup-progress.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, formatTime, printJson } from '../output.ts';
import { readPassphrase } from '../passphrase.ts';

interface RestoreOptions {
  replace?: true;
  withKeys?: true;
  passphraseFile?: string;
  keysTo?: string;
  json?: true;
}

export function registerRestore(program: Command, context: CommandContext): void {
  const command = program
    .command('restore')
    .description('put a backup into an empty database, while nothing else of Tideline runs')
    .argument('<file>', 'a file that "tideline backup" wrote')
    .option('--replace', 'delete what the database holds of Tideline first')
    .option('--with-keys', 'take the encryption keys from the file as well')
    .option('--passphrase-file <file>', 'a file whose first line is the passphrase of the keys')
    .option(
      '--keys-to <file>',
      'with a database of your own: where to write the keys, as a line for the environment',
    )
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: RestoreOptions) => {
      const restored = await restore(context, resolve(file), options);
      if (options.json) return printJson(context.stdout, restored);
      say(
        context.stdout,
        `${formatNumber(restored.rows)} rows of ${restored.tables.length} tables are back, as of ${formatTime(restored.created_at)}.`,
      );
      if (restored.applied.length > 0)
        say(context.stdout, `Applied ${restored.applied.length} newer migrations.`);
      say(context.stderr, 'Start Tideline now: the next syncs read what changed since.');
    });
  examples(command, [
    ['tideline restore tideline-2026-11-21.backup', 'into the embedded database, made where there is none'],
    ['tideline restore FILE --with-keys --passphrase-file PASS', 'on a new machine'],
    ['DATABASE_URL=postgres://… tideline restore FILE', 'into a PostgreSQL of your own'],
  ]);
}

async function restore(
  context: CommandContext,
  path: string,
  options: RestoreOptions,
): Promise<RestoredBackup> {
  const { openDatabase } = await import('../../servers/index.ts');
  const { readBackupHeader } = await import('../../backup/read-backup.ts');
  const { restoreBackup } = await import('../../backup/restore-backup.ts');
  const keys = options.withKeys ? await keysOf(path, options) : null;
  // Before a server is started for it.
  await readBackupHeader(path);
  const given = loadConfig(context.environment);
  const config = keys === null ? given : { ...given, encryptionKeys: keys };
  if (keys !== null && given.databaseUrl !== null && options.keysTo === undefined) throw keysNeedPlace();
  const report = (line: string): void => say(context.stderr, line);
  const database = await openDatabase(config, report, 'create', context.environment);
  const progress = rowsProgress(context);
  try {
    const restored = await restoreBackup({
      databaseUrl: database.databaseUrl,
      path,
      keyRing: parseKeyRing(database.encryptionKeys),
      replace: options.replace === true,
      onProgress: progress.update,
    });
    if (keys !== null) keepKeys(keys, database, options.keysTo);
    return restored;
  } finally {
    progress.end();
    await database.close();
  }
}

async function keysOf(path: string, options: RestoreOptions): Promise<string> {
  const { readBackupHeader } = await import('../../backup/read-backup.ts');
  const { openSealedKeys } = await import('../../backup/sealed-keys.ts');
  const passphrase = readPassphrase(options.passphraseFile);
  const { keys } = await readBackupHeader(path);
  if (keys !== null) return openSealedKeys(keys, passphrase);
  throw new TidelineError({
    code: 'backup-without-keys',
    message: 'The backup holds no encryption keys.',
    actor: 'user',
    action:
      'Set TIDELINE_ENCRYPTION_KEYS to the keys of the installation that was backed up, and leave --with-keys out.',
  });
}

function keysNeedPlace(): TidelineError {
  return new TidelineError({
    code: 'keys-need-place',
    message:
      'With DATABASE_URL the encryption keys come from the environment, so the restored ones need a place.',
    actor: 'user',
    action:
      'Add --keys-to FILE: it gets a line TIDELINE_ENCRYPTION_KEYS=… for the environment of every process.',
  });
}

/** To where later starts read them. */
function keepKeys(keys: string, database: OpenedDatabase, keysTo: string | undefined): void {
  database.directory?.replaceEncryptionKeys(keys);
  if (keysTo !== undefined)
    writeFileSync(keysTo, `TIDELINE_ENCRYPTION_KEYS=${keys}\n`, { mode: 0o600, flag: 'wx' });
}
