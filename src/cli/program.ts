import { Command } from 'commander';
import { readVersion } from '../version.ts';
import { registerAnalytics } from './commands/analytics.ts';
import { registerBackfill } from './commands/backfill.ts';
import { registerBackup } from './commands/backup.ts';
import { registerBench } from './commands/bench.ts';
import { registerBrands } from './commands/brands.ts';
import { registerCheck } from './commands/check.ts';
import { registerDataQuality } from './commands/data-quality.ts';
import { registerDeliveries } from './commands/deliveries.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEraseBuyer } from './commands/erase-buyer.ts';
import { registerExport } from './commands/export.ts';
import { registerKeys } from './commands/keys.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerPrograms } from './commands/programs.ts';
import { registerRebuild } from './commands/rebuild.ts';
import { registerReconcile } from './commands/reconcile.ts';
import { registerRestore } from './commands/restore.ts';
import { registerSellerCenter } from './commands/seller-center.ts';
import { registerShops } from './commands/shops.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerStatus } from './commands/status.ts';
import { registerSync } from './commands/sync.ts';
import type { CommandContext } from './context.ts';
import { examples } from './examples.ts';

/** The whole command line. Commands import what they need when they run, so that `--help` answers at once. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('tideline')
    .description('Durable sync engine for TikTok Shop: every order of a shop in your own PostgreSQL.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpCommand(false)
    // Lets `bench` hand on the options of its benchmarks.
    .enablePositionalOptions()
    .showHelpAfterError('Add --help for the options and examples.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
    });
  registerDemo(program, context);
  registerPrograms(program, context);
  registerMigrate(program, context);
  registerShops(program, context);
  registerSellerCenter(program, context);
  registerSync(program, context);
  registerBackfill(program, context);
  registerAnalytics(program, context);
  registerBrands(program, context);
  registerReconcile(program, context);
  registerStatus(program, context);
  registerDataQuality(program, context);
  registerDeliveries(program, context);
  registerExport(program, context);
  registerRebuild(program, context);
  registerKeys(program, context);
  registerEraseBuyer(program, context);
  registerBackup(program, context);
  registerRestore(program, context);
  registerDoctor(program, context);
  registerSimulate(program, context);
  registerBench(program, context);
  registerCheck(program, context);
  examples(program, [
    ['tideline demo', 'everything, with a simulated shop'],
    ['tideline up', 'everything, for your own shops'],
    ['tideline shops connect', 'a link that connects a shop'],
    ['tideline sync orders --shop shop-1 --follow', 'sync now and watch'],
  ]);
  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\nConfiguration: environment variables, see docs/configuration.md.',
  );
  return program;
}
