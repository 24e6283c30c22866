import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../config.ts';
import { TidelineError } from '../../errors.ts';
import { readVersion } from '../../version.ts';
import { rowsProgress } from '../backup-progress.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, printJson } from '../output.ts';
import { readPassphrase } from '../passphrase.ts';
import { onStopSignals } from '../stop-signals.ts';

interface BackupOptions {
  withKeys?: true;
  passphraseFile?: string;
  json?: true;
}

export function registerBackup(program: Command, context: CommandContext): void {
  const command = program
    .command('backup')
    .description('write everything that Tideline has stored into one file, while it runs or not')
    .argument('<file>', 'the file to write; nothing may be there')
    .option('--with-keys', 'put the encryption keys into the file, under a passphrase')
    .option('--passphrase-file <file>', 'a file whose first line is the passphrase')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: BackupOptions) => {
      const passphrase = options.withKeys ? readPassphrase(options.passphraseFile) : null;
      const path = resolve(file);
      const written = await backUp(context, path, passphrase);
      if (options.json) return printJson(context.stdout, { file: path, ...written });
      const { rows, tables, bytes } = written;
      const size = `${formatNumber(Math.ceil(bytes / 1024))} KiB`;
      say(context.stdout, `${formatNumber(rows)} rows of ${tables.length} tables in ${path} (${size}).`);
      if (passphrase === null)
        say(
          context.stderr,
          'The encryption keys are not in it: keep TIDELINE_ENCRYPTION_KEYS (or secrets.json) apart from it.',
        );
    });
  examples(command, [
    ['tideline backup tideline-2026-11-21.backup', 'of the installation that the environment names'],
    ['tideline backup FILE --with-keys --passphrase-file PASS', 'with the encryption keys, sealed'],
  ]);
}

async function backUp(context: CommandContext, path: string, passphrase: string | null) {
  const { openDatabase } = await import('../../servers/index.ts');
  const { writeBackup } = await import('../../backup/write-backup.ts');
  const { sealKeys } = await import('../../backup/sealed-keys.ts');
  const config = loadConfig(context.environment);
  const interruption = new AbortController();
  const forgetSignals = onStopSignals(
    () =>
      interruption.abort(
        new TidelineError({
          code: 'interrupted',
          message: 'The backup was interrupted; no file was left.',
          actor: 'user',
        }),
      ),
    () => undefined,
  );
  const report = (line: string): void => say(context.stderr, line);
  const database = await openDatabase(config, report, 'share', context.environment);
  const progress = rowsProgress(context);
  try {
    return await writeBackup({
      databaseUrl: database.databaseUrl,
      path,
      tidelineVersion: readVersion(),
      keys: passphrase === null ? null : sealKeys(database.encryptionKeys, passphrase),
      onProgress: progress.update,
      signal: interruption.signal,
    });
  } finally {
    progress.end();
    await database.close();
    forgetSignals();
  }
}
