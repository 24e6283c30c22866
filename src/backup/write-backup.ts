import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { openPool, type Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import {
  type BackupHeader,
  type BackupTable,
  backupVersion,
  encodeFrame,
  encodeJsonFrame,
  frameKinds,
  largestFrame,
  type Manifest,
  type SealedKeys,
} from './format.ts';
import { createRunningSum } from './read-backup.ts';
import { copyTarget, countRows, listSequences, listTables } from './tables.ts';

export interface BackupProgress {
  /** Rows. */
  done: number;
  expected: number;
  table: string;
}

export interface WriteBackupOptions {
  databaseUrl: string;
  /** Where the backup goes; nothing may be there. */
  path: string;
  tidelineVersion: string;
  keys: SealedKeys | null;
  onProgress?(progress: BackupProgress): void;
  /** Breaks it off; no file stays. */
  signal?: AbortSignal;
}

export interface WrittenBackup {
  created_at: string;
  /** Of the file. */
  bytes: number;
  rows: number;
  tables: { table: string; rows: number }[];
}

/**
 * Writes everything of the schema `tideline`, as it stands at one moment, into one file (mode 0600). Rows stream
 * through; memory does not grow with them. The file appears under its name when it is whole and on the disk.
 * @throws TidelineError when there is no schema, or the file cannot be written
 */
export async function writeBackup(options: WriteBackupOptions): Promise<WrittenBackup> {
  const { path, signal } = options;
  if (existsSync(path)) {
    throw new TidelineError({
      code: 'backup-exists',
      message: `${path} exists already.`,
      actor: 'user',
      action: 'Give another name; backups are never overwritten.',
    });
  }
  const draft = `${path}.${process.pid}.part`;
  const sql = openPool(options.databaseUrl, { applicationName: 'tideline backup', maxConnections: 1 });
  let failure: { error: unknown } | null = null;
  try {
    const written = await sql.begin('isolation level repeatable read read only', async (tx) => {
      try {
        return await writeSnapshot(tx, draft, options);
      } catch (error) {
        failure = { error };
        // A COPY that nobody reads on would keep the connection waiting for ever.
        void sql.end({ timeout: 0 });
        throw error;
      }
    });
    await rename(draft, path);
    await flush(dirname(path));
    return { ...written, bytes: (await stat(path)).size };
  } catch (error) {
    await rm(draft, { force: true });
    throw toldWell(
      signal?.aborted ? signal.reason : ((failure as { error: unknown } | null)?.error ?? error),
      path,
    );
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function writeSnapshot(
  tx: Transaction,
  draft: string,
  { tidelineVersion, keys, onProgress, signal }: WriteBackupOptions,
): Promise<Omit<WrittenBackup, 'bytes'>> {
  const header = await readHeader(tx, tidelineVersion, keys);
  const tables = await listTables(tx);
  const counts = await countRows(tx, tables);
  const expected = counts.reduce((sum, count) => sum + count, 0);
  const line = Buffer.from(JSON.stringify(header));
  const manifest: Manifest = {
    header_sha256: createHash('sha256').update(line).digest('hex'),
    tables: [],
    sequences: [],
  };
  const file = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
  file.write(Buffer.concat([line, Buffer.from('\n')]));
  let done = 0;

  async function* frames(): AsyncGenerator<Buffer> {
    for (const [index, table] of tables.entries()) {
      const running = createRunningSum();
      yield encodeJsonFrame(frameKinds.table, table);
      for await (const chunk of readRows(tx, table)) {
        running.add(chunk);
        yield encodeFrame(frameKinds.data, chunk);
        onProgress?.({ done: done + running.rows, expected, table: table.table });
      }
      const sum = running.sum();
      if (sum.rows !== counts[index]) throw new Error(`COPY of ${table.table} gave another number of rows.`);
      done += sum.rows;
      manifest.tables.push({ table: table.table, ...sum });
      yield encodeJsonFrame(frameKinds.end, sum);
    }
    manifest.sequences = await listSequences(tx);
    yield encodeJsonFrame(frameKinds.manifest, manifest);
  }

  await pipeline(frames, createGzip({ level: 3 }), file, signal === undefined ? {} : { signal });
  const rowsOf = manifest.tables.map(({ table, rows }) => ({ table, rows }));
  return { created_at: header.created_at, rows: done, tables: rowsOf };
}

async function readHeader(
  tx: Transaction,
  tidelineVersion: string,
  keys: SealedKeys | null,
): Promise<BackupHeader> {
  const [row] = await tx<{ postgres_version: string; created_at: Date; migrated: boolean }[]>`
    select current_setting('server_version') as postgres_version, now() as created_at,
      to_regclass('tideline.migrations') is not null as migrated`;
  if (row?.migrated !== true) {
    throw new TidelineError({
      code: 'database-not-migrated',
      message: 'The database has no tables of Tideline: there is nothing to back up.',
      actor: 'user',
      action: 'Check DATABASE_URL or TIDELINE_DATA_DIR.',
    });
  }
  const migrations = await tx<{ name: string; checksum: string }[]>`
    select name, checksum from tideline.migrations order by name`;
  return {
    format: 'tideline-backup',
    version: backupVersion,
    created_at: row.created_at.toISOString(),
    tideline_version: tidelineVersion,
    postgres_version: row.postgres_version,
    migrations: migrations.map(({ name, checksum }) => ({ name, checksum })),
    keys,
  };
}

/** The rows of a table as COPY text, in pieces no longer than a frame. */
async function* readRows(tx: Transaction, table: BackupTable): AsyncGenerator<Buffer> {
  const rows = await tx.unsafe(`copy ${copyTarget(table)} to stdout`).readable();
  let gathered: Buffer[] = [];
  let length = 0;
  for await (const row of rows as AsyncIterable<Buffer>) {
    gathered.push(row);
    length += row.length;
    if (length < largestFrame / 4) continue;
    yield* cut(Buffer.concat(gathered));
    gathered = [];
    length = 0;
  }
  if (length > 0) yield* cut(Buffer.concat(gathered));
  // The driver stops reading its socket when rows come faster than they go, and forgets to go on at their end: the
  // answer to the statement would never be seen.
  rows._read(0);
}

function* cut(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += largestFrame) yield bytes.subarray(at, at + largestFrame);
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function toldWell(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (
    error instanceof TidelineError ||
    code === undefined ||
    !['open', 'write', 'rename', 'fsync'].includes(syscall ?? '')
  )
    return error;
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EACCES: 'this user may not write there',
    ENOENT: 'the folder does not exist',
  };
  return new TidelineError({
    code: 'backup-not-written',
    message: `The backup could not be written to ${path}: ${reasons[code] ?? code}.`,
    actor: 'user',
    action: 'Give another path, or make room.',
    cause: error,
  });
}
