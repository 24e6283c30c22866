import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { installPackages, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { SetupError } from './setup-error.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Makes a fresh clone or a changed one runnable: packages and build. Quick when there is nothing to do; two at once
 * wait for each other.
 * @param say gets one line for each thing that is done
 * @throws SetupError in one sentence for people
 */
export async function setUp(say) {
  try {
    if (!isInstalled(root)) {
      mkdirSync(join(root, 'dist'), { recursive: true });
      await withLock(join(root, 'dist', '.install-lock'), say, async () => {
        if (!isInstalled(root)) installPackages(root, say);
      });
    }
    await build(say);
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes(error.code)) throw error;
    throw new SetupError(
      `Tideline must be built first and ${root} cannot be written (${error.code}): start from a folder that is yours, or run npm ci and npm run build there once as its owner.`,
    );
  }
}
