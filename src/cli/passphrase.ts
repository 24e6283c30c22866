import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/**
 * The first line of a file that holds a passphrase: it stands neither on a command line nor in the environment, where
 * other users of the machine could see it.
 */
export function readPassphrase(path: string | undefined): string {
  if (path === undefined)
    throw new UsageError('--with-keys needs --passphrase-file FILE, whose first line is it.');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `The passphrase file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
