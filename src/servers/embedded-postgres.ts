import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { TidelineError } from '../errors.ts';
import type { DataDirectory } from './data-directory.ts';
import { readIfExists } from './files.ts';
import { keepOrFindPort } from './free-port.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { choosePlace, type PostgresPlace } from './postgres-place.ts';
import type { ProcessSpecification } from './supervised-process.ts';

const SUPERUSER = 'postgres';
const DATABASE = 'tideline';
/** A Unix socket's path may have 107 bytes; PostgreSQL adds `/.s.PGSQL.65535` to the folder's. */
const LONGEST_SOCKET_FOLDER = 90;

export interface EmbeddedPostgres {
  specification: ProcessSpecification;
  databaseUrl: string;
  /** To be called when the server is ready: makes the database on the first start. */
  createDatabase(): Promise<void>;
}

/** The URL of the embedded database of a data directory. */
export function embeddedDatabaseUrl(port: number, password: string): string {
  return `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`;
}

/**
 * Makes the embedded PostgreSQL of a data directory startable: place, helper user, cluster, port.
 * @throws TidelineError when that is not possible here
 */
export async function prepareEmbeddedPostgres(
  directory: DataDirectory,
  report: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const { postgresPassword } = directory.ensureSecrets();
  const place = choosePlace(directory, findPostgresBinaries(), report);
  if (!existsSync(join(place.home, 'data'))) {
    report('Making the PostgreSQL database…');
    initialise(place, postgresPassword);
  }
  const port = await keepOrFindPort(directory.readRuntime().postgresPort);
  directory.updateRuntime({ postgresPort: port });
  const databaseUrl = embeddedDatabaseUrl(port, postgresPassword);
  const maintenanceUrl = databaseUrl.replace(/\/[^/]*$/, '/postgres');
  return {
    databaseUrl,
    specification: specify(place, port, join(directory.logs, 'postgres.log'), () =>
      withConnection(maintenanceUrl, async (sql) => {
        await sql`select 1`;
        return true;
      }),
    ),
    createDatabase: () =>
      withConnection(maintenanceUrl, async (sql) => {
        const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
        if (found.length === 0) await sql.unsafe(`create database ${DATABASE}`);
      }),
  };
}

function initialise(place: PostgresPlace, password: string): void {
  // A start that died half-way leaves only drafts; the cluster appears under its name when it is whole.
  for (const name of readdirSync(place.home)) {
    if (name.startsWith('draft-')) rmSync(join(place.home, name), { recursive: true, force: true });
  }
  const draft = mkdtempSync(join(place.home, 'draft-'));
  const passwordFile = join(draft, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.user.uid !== undefined && place.user.gid !== undefined) {
    chownSync(draft, place.user.uid, place.user.gid);
    chownSync(passwordFile, place.user.uid, place.user.gid);
  }
  const result = spawnSync(
    join(place.binaries.directory, 'bin', 'initdb'),
    [
      `--pgdata=${join(draft, 'data')}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The built-in provider sorts the same on every machine, whatever its C library.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    { cwd: '/', encoding: 'utf8', env: serverEnvironment(), ...identityOf(place) },
  );
  if (result.status !== 0) {
    rmSync(draft, { recursive: true, force: true });
    throw new TidelineError({
      code: 'postgres-not-initialised',
      message: `The embedded PostgreSQL could not be set up: ${lastLine(result.stderr) || result.error?.message || `initdb ended with ${result.status ?? result.signal}`}`,
      actor: 'operator',
      action: 'Check the free space and the rights of the data directory, or set DATABASE_URL.',
      cause: result.error,
    });
  }
  renameSync(join(draft, 'data'), join(place.home, 'data'));
  rmSync(draft, { recursive: true, force: true });
}

function specify(
  place: PostgresPlace,
  port: number,
  logFile: string,
  isReady: () => Promise<boolean>,
): ProcessSpecification {
  const socketFolder = join(place.home, 'socket');
  const withSocket = Buffer.byteLength(socketFolder) <= LONGEST_SOCKET_FOLDER;
  if (withSocket && !existsSync(socketFolder)) {
    mkdirSync(socketFolder, { mode: 0o700 });
    if (place.user.uid !== undefined && place.user.gid !== undefined) {
      chownSync(socketFolder, place.user.uid, place.user.gid);
    }
  }
  const settings = {
    ...serverSettings(),
    port: String(port),
    unix_socket_directories: withSocket ? socketFolder : '',
  };
  return {
    name: 'PostgreSQL',
    command: join(place.binaries.directory, 'bin', 'postgres'),
    args: [
      '-D',
      join(place.home, 'data'),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: serverEnvironment(),
    cwd: '/',
    ...identityOf(place),
    logFile,
    watchParent: false,
    isReady,
    // After a crash it replays up to `max_wal_size` before it answers.
    readyWithinMs: 300_000,
    stop: [
      { signal: 'SIGINT', patienceMs: 10_000 },
      { signal: 'SIGQUIT', patienceMs: 10_000 },
    ],
    hurrySignal: 'SIGQUIT',
    prepare: () => removeStalePidFile(join(place.home, 'data', 'postmaster.pid')),
  };
}

/** Bulk loading on a small machine, and nothing that would lose a committed row. */
function serverSettings(): Record<string, string> {
  const available = Math.min(totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY);
  const megabytes = (share: number, least: number, most: number): string =>
    `${Math.round(Math.min(Math.max((available * share) / 1024 ** 2, least), most))}MB`;
  return {
    listen_addresses: '127.0.0.1',
    max_connections: '100',
    shared_buffers: megabytes(0.25, 64, 1024),
    effective_cache_size: megabytes(0.5, 128, 16_384),
    maintenance_work_mem: megabytes(0.05, 32, 256),
    work_mem: '16MB',
    fsync: 'on',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    random_page_cost: '1.1',
    jit: 'off',
    autovacuum: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Details of an error quote the row, and rows can hold personal data.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
}

/** Our own PG* variables are for clients; the server must not take its port or data from them. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', LC_MESSAGES: 'C', TZ: 'UTC' };
}

function identityOf(place: PostgresPlace): { uid?: number; gid?: number } {
  const { uid, gid } = place.user;
  return uid === undefined || gid === undefined ? {} : { uid, gid };
}

/**
 * The server itself removes the file of a dead one, but not when its pid now belongs to something else, as happens in
 * containers, where pids are few.
 */
function removeStalePidFile(path: string): void {
  const pid = Number(readIfExists(path)?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const command = readIfExists(`/proc/${pid}/cmdline`);
  if (command !== null && !command.split('\0')[0]?.endsWith('postgres')) rmSync(path, { force: true });
}

async function withConnection<Result>(
  url: string,
  use: (sql: postgres.Sql) => Promise<Result>,
): Promise<Result> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function lastLine(text: string | null): string {
  return (text ?? '').trim().split('\n').at(-1) ?? '';
}
