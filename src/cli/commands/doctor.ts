import type { Command } from 'commander';
import { type CommandContext, exitCodes, say } from '../context.ts';
import { examples } from '../examples.ts';
import { printJson } from '../output.ts';

export function registerDoctor(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description(
      'check what Tideline needs: Node, packages, folders, ports, servers, settings; changes nothing',
    )
    .option('--json', 'print the checks as JSON')
    .action(async (options: { json?: true }) => {
      const { examine } = await import('../doctor/examine.ts');
      const checks = await examine(context.environment);
      const failed = checks.filter((check) => check.status === 'fail').length;
      const warned = checks.filter((check) => check.status === 'warn').length;
      context.exitCode = failed > 0 ? exitCodes.failed : exitCodes.done;
      if (options.json) return printJson(context.stdout, { ok: failed === 0, checks });
      for (const check of checks) {
        say(context.stdout, `${check.status.padEnd(4)}  ${check.name}: ${check.detail}`);
        if (check.action !== null) say(context.stdout, `      ${check.action}`);
      }
      say(
        context.stdout,
        failed + warned === 0 ? 'All is well.' : `${failed} to mend, ${warned} to look at.`,
      );
    });
  examples(command, [
    ['tideline doctor', 'one line for each check, with what to do'],
    ['tideline doctor --json', 'for other programs; exit code 1 when something must be mended'],
  ]);
}
