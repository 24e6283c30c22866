import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { TidelineError } from '../errors.ts';

/** Replaces a file as a whole: readers see the old or the new text, never a part. */
export function replaceFile(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** The text of a file, or null when it does not exist. */
export function readIfExists(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Reads a JSON object that we wrote ourselves; null when the file does not exist.
 * @throws TidelineError naming the file when it is damaged
 */
export function readJsonObject(path: string): Record<string, unknown> | null {
  const text = readIfExists(path);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (error) {
    throw damaged(path, error);
  }
  throw damaged(path, undefined);
}

function damaged(path: string, cause: unknown): TidelineError {
  return new TidelineError({
    code: 'data-directory-damaged',
    message: `The file ${path} is damaged: it is not the JSON object that Tideline wrote.`,
    actor: 'operator',
    action: 'Put the file back from a backup of the data directory.',
    cause,
  });
}

const LARGEST_LOG = 10 * 1024 * 1024;

/** Opens a log for appending (mode 0600); one that has grown past 10 MB becomes `<name>.1` first. */
export function openLog(path: string): number {
  try {
    if (statSync(path).size > LARGEST_LOG) renameSync(path, `${path}.1`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return openSync(path, 'a', 0o600);
}

/** The end of a log, for an error message: its last lines, at most `lines`. */
export function tailOf(path: string, lines: number): string {
  return (readIfExists(path) ?? '').trimEnd().split('\n').slice(-lines).join('\n');
}
