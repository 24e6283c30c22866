import type { Command } from 'commander';

/** Puts examples below the help of a command. */
export function examples(
  command: Command,
  lines: readonly (readonly [command: string, meaning: string])[],
): void {
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, meaning]) => `  ${line.padEnd(width)}  ${meaning}`);
  command.addHelpText('after', `\nExamples:\n${text.join('\n')}`);
}
