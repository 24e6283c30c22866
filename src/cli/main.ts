import { CommanderError } from 'commander';
import { TidelineError } from '../errors.ts';
import { scrub } from '../log-redaction.ts';
import { type CommandContext, exitCodes, type Output, say } from './context.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

export interface MainOptions {
  environment?: NodeJS.ProcessEnv;
  stdout?: Output;
  stderr?: Output;
}

/**
 * The `tideline` command.
 *
 * @param argv what was typed after the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted
 */
export async function main(argv: readonly string[], options: MainOptions = {}): Promise<number> {
  const context: CommandContext = {
    environment: options.environment ?? process.env,
    stdout: options.stdout ?? process.stdout,
    stderr: options.stderr ?? process.stderr,
    exitCode: exitCodes.done,
  };
  try {
    await createProgram(context).parseAsync([...argv], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return report(context, error);
  }
}

function report(context: CommandContext, error: unknown): number {
  const { stderr } = context;
  if (error instanceof CommanderError) {
    // commander has printed the fault or the help by itself.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  }
  if (error instanceof UsageError) {
    say(stderr, `error: ${error.message}`);
    say(stderr, usageHint);
    return exitCodes.wrongUsage;
  }
  if (error instanceof TidelineError) {
    say(stderr, `tideline: ${error.message}`);
    if (error.action !== undefined) say(stderr, error.action);
    return error.code === 'interrupted' ? exitCodes.interrupted : exitCodes.failed;
  }
  const message = error instanceof Error ? error.message || error.name : String(error);
  say(stderr, `tideline: unexpected error: ${scrub(message)}`);
  const wantsStack = ['debug', 'trace'].includes(context.environment.LOG_LEVEL?.toLowerCase() ?? '');
  if (wantsStack && error instanceof Error) say(stderr, scrub(error.stack ?? ''));
  else say(stderr, 'This is a defect of Tideline: please report it, with what LOG_LEVEL=debug shows.');
  return exitCodes.failed;
}

export const usageHint = 'Add --help for the options and examples.';
