import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Trial } from './fault.ts';

const volumeSize = '600m';

/** What the machine lacks for a volume of its own; null when nothing. */
export function lacksMounts(): string | null {
  if (process.getuid?.() !== 0) return 'a volume of its own needs root';
  const trial = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return trial.status === 0 ? null : 'this machine does not let us mount a volume';
}

/**
 * Makes a small volume on which the installation that is started next lies as a whole: database, Temporal's file and
 * logs.
 *
 * @returns what fills it to its last byte, and gives back what makes space again
 */
export function startOnSmallVolume({ cleanUp }: Pick<Trial, 'cleanUp'>): () => () => void {
  const volume = mkdtempSync(join(tmpdir(), 'tideline-volume-'));
  mount('mount', '-t', 'tmpfs', '-o', `size=${volumeSize},mode=1777`, 'tmpfs', volume);
  cleanUp(() => {
    mount('umount', volume);
    rmSync(volume, { recursive: true });
  });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = volume;
  cleanUp(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  const ballast = join(volume, 'ballast');
  return () => {
    fillUp(ballast);
    return () => rmSync(ballast);
  };
}

function mount(command: string, ...args: string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stderr}`);
}

/** Writes until not a byte is left. */
function fillUp(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size > 0; ) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
