import type { Command } from 'commander';
import { loadConfig } from '../../config.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';

/** `up`, `api` and `worker`: the programs that run until they are told to end. */
export function registerPrograms(program: Command, context: CommandContext): void {
  const up = program
    .command('up')
    .description('start everything: servers that the environment does not give, worker, API and dashboard')
    .action(async () => {
      const config = loadConfig(context.environment);
      const { up: run } = await import('./up.ts');
      context.exitCode = await run(config, (line) => say(context.stderr, line));
    });
  examples(up, [
    ['tideline up', 'with embedded servers; ready when GET /health/ready answers 200'],
    ['DATABASE_URL=postgres://… tideline up', 'with a PostgreSQL of your own'],
  ]);

  const api = program
    .command('api')
    .description('run only the API and the dashboard, on servers that the environment names')
    .action(async () => {
      const { main } = await import('../../api/main.ts');
      await main();
    });
  examples(api, [['DATABASE_URL=… TEMPORAL_ADDRESS=… tideline api', 'one of several API processes']]);

  const worker = program
    .command('worker')
    .description('run only a worker, on servers that the environment names')
    .action(async () => {
      const { main } = await import('../../worker/main.ts');
      await main();
    });
  examples(worker, [['DATABASE_URL=… TEMPORAL_ADDRESS=… tideline worker', 'one of several workers']]);
}
