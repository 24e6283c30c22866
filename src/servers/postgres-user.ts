import { spawnSync } from 'node:child_process';
import { TidelineError } from '../errors.ts';

/** As whom PostgreSQL runs; it refuses to run as root. */
export interface ServerUser {
  /** Undefined: as the user of this process. */
  uid?: number;
  gid?: number;
  name: string;
}

const HELPER_NAME = 'tideline-postgres';

/**
 * The user for PostgreSQL: the present one or, for root, a helper user (made on the first start, else `postgres` or
 * `nobody` where users cannot be made).
 * @throws TidelineError when root has nobody to step down to
 */
export function chooseServerUser(): ServerUser {
  if (process.getuid?.() !== 0) return { name: 'the present user' };
  const existing = lookUp(HELPER_NAME);
  if (existing !== null) return existing;
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', HELPER_NAME], {
    stdio: 'ignore',
  });
  const user = lookUp(HELPER_NAME) ?? lookUp('postgres') ?? lookUp('nobody');
  if (user !== null) return user;
  throw new TidelineError({
    code: 'no-helper-user',
    message: 'PostgreSQL does not run as root, and no helper user could be found or made.',
    actor: 'operator',
    action: `Make one with "useradd --system ${HELPER_NAME}", start Tideline as a plain user, or set DATABASE_URL.`,
  });
}

function lookUp(name: string): ServerUser | null {
  const uid = idOf('-u', name);
  const gid = idOf('-g', name);
  return uid === null || gid === null || uid === 0 ? null : { uid, gid, name };
}

function idOf(option: string, name: string): number | null {
  const result = spawnSync('id', [option, name], { encoding: 'utf8' });
  const text = result.status === 0 ? result.stdout.trim() : '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** Whether this user can enter a folder; asked by trying, since modes, ACLs and mounts all have a say. */
export function canEnter(user: ServerUser, directory: string): boolean {
  const result = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], {
    cwd: '/',
    stdio: 'ignore',
    ...(user.uid === undefined ? {} : { uid: user.uid, gid: user.gid ?? user.uid }),
  });
  return result.status === 0;
}
