import type { Command } from 'commander';
import { loadConfig } from '../../config.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { printJson } from '../output.ts';

export function registerMigrate(program: Command, context: CommandContext): void {
  const command = program
    .command('migrate')
    .description('bring the database up to this program; migrations are never undone')
    .option('--json', 'print the result as JSON')
    .action(async (options: { json?: true }) => {
      const config = loadConfig(context.environment);
      const { locateInstallation } = await import('../../servers/index.ts');
      const { migrate } = await import('../../db/migrate.ts');
      const databaseUrl =
        config.databaseUrl ?? (await locateInstallation(config, context.environment)).databaseUrl;
      const result = await migrate(databaseUrl);
      if (options.json) return printJson(context.stdout, result);
      if (result.applied.length === 0) return say(context.stdout, 'The database is up to date.');
      for (const name of result.applied) say(context.stdout, `applied ${name}`);
    });
  examples(command, [
    ['tideline migrate', 'the running embedded database'],
    ['DATABASE_URL=postgres://… tideline migrate', 'a PostgreSQL of your own'],
  ]);
}
