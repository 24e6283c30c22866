import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'migrations'))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw new Error('The Tideline package is incomplete: no migrations folder found.');
    directory = parent;
  }
  return directory;
}

/** The folder that holds package.json, `migrations/` and, once built, `dist/`; the same from source and from `dist`. */
export const packageRoot = findPackageRoot();
