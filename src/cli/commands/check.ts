import type { Command } from 'commander';
import { type CommandContext, exitCodes } from '../context.ts';
import { examples } from '../examples.ts';
import { printJson } from '../output.ts';
import { withInstallation } from '../with-installation.ts';

/** For whoever develops Tideline: not shown in the help. */
export function registerCheck(program: Command, context: CommandContext): void {
  const command = program
    .command('check', { hidden: true })
    .description(
      'compare what is stored with what a running simulator holds: ids, versions, money to the cent',
    )
    .argument('<control-url>', 'control address of the simulator')
    .option('--shop <id>', 'only this shop')
    .action(async (controlUrl: string, options: { shop?: string }) => {
      const { compareWithSimulator } = await import('../../../simulator/index.ts');
      const comparison = await withInstallation(context, ({ installation }) =>
        compareWithSimulator({
          databaseUrl: installation.databaseUrl,
          controlUrl,
          ...(options.shop === undefined ? {} : { shopId: options.shop }),
        }),
      );
      printJson(context.stdout, comparison);
      context.exitCode = comparison.equal ? exitCodes.done : exitCodes.failed;
    });
  examples(command, [['tideline check http://127.0.0.1:4010/control', 'exit code 1 when anything differs']]);
}
