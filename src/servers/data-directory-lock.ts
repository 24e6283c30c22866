import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TidelineError } from '../errors.ts';
import { readIfExists } from './files.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

export interface DataDirectoryLock {
  /** Gives the directory free. Does nothing when another start has it by now. */
  release(): void;
}

/** Who holds the data directory now; null when nobody does or the holder died. */
export function lockHolder(directory: string): ProcessIdentity | null {
  const text = readIfExists(join(directory, 'lock'));
  const holder = text === null ? null : parseHolder(text);
  return holder !== null && isRunning(holder) ? holder : null;
}

function parseHolder(text: string): ProcessIdentity | null {
  const [pid, started] = text.split('\n');
  const number = Number(pid);
  return Number.isInteger(number) && number > 0 && started ? { pid: number, started } : null;
}

/**
 * Takes the data directory for this process. A lock whose process died is taken over.
 * @throws TidelineError `already-running` naming the pid of the process that has it
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  const self = identifyProcess(process.pid) ?? { pid: process.pid, started: 'unknown' };
  const path = join(directory, 'lock');
  const own = `${self.pid}\n${self.started}\n`;
  const draft = `${path}.${self.pid}`;
  writeFileSync(draft, own, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if (tryLink(draft, path)) {
        return {
          release: () => {
            if (readIfExists(path) === own) rmSync(path, { force: true });
          },
        };
      }
      const text = readIfExists(path);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder !== null && isRunning(holder)) throw alreadyRunning(directory, holder.pid);
      removeStale(path, text, self.pid);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new TidelineError({
    code: 'already-running',
    message: `The data directory ${directory} is being taken by another start of Tideline.`,
    actor: 'user',
    action: 'Use the start that is running, or set TIDELINE_DATA_DIR to another folder.',
  });
}

function tryLink(draft: string, path: string): boolean {
  try {
    // A link appears with its content at once; a file opened with O_EXCL would be seen empty for a moment.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(path: string, seen: string, pid: number): void {
  const aside = `${path}.stale-${pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Two starts may find the same dead holder: what was moved may already be the other one's fresh lock.
  if (readIfExists(aside) !== seen) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function alreadyRunning(directory: string, pid: number): TidelineError {
  return new TidelineError({
    code: 'already-running',
    message: `Tideline already runs on the data directory ${directory} (process ${pid}).`,
    actor: 'user',
    action: 'Use the running one, stop it first, or set TIDELINE_DATA_DIR to another folder.',
  });
}
