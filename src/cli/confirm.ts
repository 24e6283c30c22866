import { createInterface } from 'node:readline/promises';
import { TidelineError } from '../errors.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './usage-error.ts';

/**
 * Asks before something that a person has to mean.
 *
 * @param yes `--yes` was given: nobody is asked.
 * @throws UsageError where nobody can be asked, TidelineError when the answer is not "yes".
 */
export async function confirm(context: CommandContext, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  const input = context.stdin ?? process.stdin;
  if (input.isTTY !== true) throw new UsageError('nobody can be asked here whether you mean it: add --yes');
  const output = { write: (text: string) => context.stderr.write(text) };
  output.write(`${question} Type "yes" to go on: `);
  const terminal = createInterface({ input });
  try {
    const answer = await Promise.race([
      terminal[Symbol.asyncIterator]().next(),
      new Promise<{ done: true; value: undefined }>((resolve) =>
        terminal.once('close', () => resolve({ done: true, value: undefined })),
      ),
    ]);
    if (answer.value?.trim().toLowerCase() === 'yes') return;
  } finally {
    terminal.close();
  }
  throw new TidelineError({
    code: 'not-confirmed',
    message: 'Nothing was changed.',
    actor: 'user',
    action: 'Answer "yes", or give --yes.',
  });
}
