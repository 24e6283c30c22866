import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { demoDefaults, demoOptions, type RawDemoOptions, wholeNumberOption } from '../demo/options.ts';
import { examples } from '../examples.ts';

export function registerDemo(program: Command, context: CommandContext): void {
  const command = program
    .command('demo')
    .description(
      'start everything with a simulated shop, sync it, change it, sync the changes, and prove it complete',
    )
    .option('--once', 'end after the summary; exit code 0 only when everything was stored')
    .option('--orders <file>', 'serve the orders of an NDJSON file, plain or .gz, as one shop')
    .option(
      '--shops <number>',
      `shops to generate (default: ${demoDefaults.shops})`,
      wholeNumberOption(1, 100),
    )
    .option(
      '--orders-count <number>',
      `orders of each generated shop (default: ${demoDefaults.ordersCount})`,
      wholeNumberOption(0, 4_000_000),
    )
    .option(
      '--seed <number>',
      `the same seed gives the same shops (default: ${demoDefaults.seed})`,
      wholeNumberOption(0, 2_147_483_647),
    )
    .option('--json', 'print the summary as JSON')
    .action(async (raw: RawDemoOptions) => {
      const options = demoOptions(raw, context.environment);
      const { runDemo } = await import('../demo/run-demo.ts');
      context.exitCode = await runDemo(context, options);
    });
  examples(command, [
    ['tideline demo', 'a shop of 5,000 orders; runs until Ctrl-C'],
    ['tideline demo --once --shops 3', 'three shops side by side, then end'],
    ['tideline demo --once --orders orders.ndjson.gz', 'the orders of a file'],
  ]);
  command.addHelpText(
    'after',
    '\nA demo begins with an empty database. Its data directory is .tideline/demo, or TIDELINE_DATA_DIR where that is set.',
  );
}
