import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TidelineError } from '../../errors.ts';
import { stopLeftovers } from '../../servers/children-record.ts';
import { lockDataDirectory } from '../../servers/data-directory-lock.ts';

/** Says that a demo made this folder and may empty it. */
const MARKER = 'demo';

/**
 * Makes the folder of a demo, or empties the one of an earlier demo, so that the totals are exact.
 *
 * @throws TidelineError when something else is in the folder, or a demo runs on it
 */
export async function prepareDemoDirectory(path: string): Promise<void> {
  const entries = existsSync(path) ? readdirSync(path) : [];
  if (entries.length > 0 && !entries.includes(MARKER)) {
    throw new TidelineError({
      code: 'demo-directory-in-use',
      message: `A demo begins with an empty database, but ${path} holds something that no demo made.`,
      actor: 'user',
      action: 'Set TIDELINE_DATA_DIR to a new folder, or leave it unset.',
    });
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = lockDataDirectory(path);
  try {
    await stopLeftovers(path);
    // As root PostgreSQL's files may lie elsewhere, linked from here.
    const postgres = join(path, 'postgres');
    if (existsSync(postgres)) rmSync(realpathSync(postgres), { recursive: true, force: true });
    for (const entry of readdirSync(path)) {
      if (entry !== 'lock') rmSync(join(path, entry), { recursive: true, force: true });
    }
    writeFileSync(join(path, MARKER), 'Made by "tideline demo", which empties this folder at each start.\n');
  } finally {
    lock.release();
  }
}
