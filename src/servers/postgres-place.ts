import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TidelineError } from '../errors.ts';
import type { DataDirectory } from './data-directory.ts';
import { copyBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { canEnter, chooseServerUser, type ServerUser } from './postgres-user.ts';

/** Where one installation's PostgreSQL lives and as whom it runs. */
export interface PostgresPlace {
  binaries: PostgresBinaries;
  /** Parent of `data` and `socket`; mode 0700, owned by `user`. */
  home: string;
  user: ServerUser;
}

const SHARED_HOME = '/var/lib/tideline';

/**
 * Decides where PostgreSQL's files lie: in the data directory, or, where the helper user of a root start cannot get
 * there, under `/var/lib/tideline/<hash>`, linked from the data directory.
 * @throws TidelineError when existing data cannot be reached or is of another major version
 */
export function choosePlace(
  directory: DataDirectory,
  packaged: PostgresBinaries,
  report: (line: string) => void,
): PostgresPlace {
  const link = join(directory.path, 'postgres');
  const user = existingOwner(link) ?? chooseServerUser();
  const home = existsSync(link) ? realpathSync(link) : makeHome(directory, link, user, report);
  if (!canEnter(user, home)) {
    throw new TidelineError({
      code: 'postgres-data-not-reachable',
      message: `The user ${user.name} cannot reach PostgreSQL's data in ${home}.`,
      actor: 'operator',
      action: 'Make its parent folders passable, or start Tideline as the user who made the data directory.',
    });
  }
  requireMajor(home, packaged.major);
  let binaries = packaged;
  if (!canEnter(user, packaged.directory)) {
    binaries = copyBinaries(packaged, SHARED_HOME);
    report(
      `The user ${user.name} cannot reach the packaged PostgreSQL; its copy is in ${binaries.directory}.`,
    );
  }
  return { binaries, home, user };
}

/** Data made by a plain user stays that user's, also when root starts it the next time. */
function existingOwner(link: string): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(link, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0
    ? null
    : { uid: owner.uid, gid: owner.gid, name: `with id ${owner.uid}` };
}

function makeHome(
  directory: DataDirectory,
  link: string,
  user: ServerUser,
  report: (line: string) => void,
): string {
  if (user.uid === undefined || canEnter(user, directory.path)) {
    mkdirSync(link, { mode: 0o700 });
    giveTo(user, link);
    return link;
  }
  const path = realpathSync(directory.path);
  // The directory's own id keeps a new directory from meeting the data of an earlier one at the same path.
  const hash = createHash('sha256').update(`${path}\n${directory.id}`).digest('hex').slice(0, 16);
  const home = join(SHARED_HOME, hash);
  mkdirSync(SHARED_HOME, { recursive: true, mode: 0o755 });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  giveTo(user, home);
  if (!canEnter(user, home)) {
    throw new TidelineError({
      code: 'postgres-data-not-reachable',
      message: `The user ${user.name} can reach neither ${path} nor ${home} for PostgreSQL's data.`,
      actor: 'operator',
      action: 'Set TIDELINE_DATA_DIR to a folder whose parents every user may pass, or set DATABASE_URL.',
    });
  }
  symlinkSync(home, link);
  report(`The user ${user.name} cannot reach ${path}; PostgreSQL's data is in ${home}, linked from there.`);
  return home;
}

function giveTo(user: ServerUser, path: string): void {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
}

function requireMajor(home: string, major: number): void {
  const file = join(home, 'data', 'PG_VERSION');
  if (!existsSync(file)) return;
  const found = readFileSync(file, 'utf8').trim();
  if (found === String(major)) return;
  throw new TidelineError({
    code: 'postgres-other-major',
    message: `The embedded data in ${home} is of PostgreSQL ${found}, this program brings PostgreSQL ${major}.`,
    actor: 'operator',
    action: `Start the Tideline that made it, or serve it with an own PostgreSQL ${found} and set DATABASE_URL.`,
  });
}
