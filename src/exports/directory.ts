import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from '../db/pool.ts';
import { expireExports, neededFiles } from '../db/queries/exports.ts';
import { TidelineError } from '../errors.ts';
import type { FileFormat } from './file.ts';

/** For so long an export is still listed after its end, with or without its file. */
const daysToKeep = 7;

/** The name of the file that one attempt writes: no two attempts ever write to the same one. */
export function storedName({
  runId,
  claim,
  format,
}: {
  runId: string;
  claim: number;
  format: FileFormat;
}): string {
  return `${runId}-${claim}.${format}`;
}

const storedForm = /^(run_[0-9a-z]+)-\d+\.(?:csv|xlsx)$/;

/** The run that a file belongs to; null for files that are none of ours. */
function runOf(file: string): string | null {
  return storedForm.exec(file)?.[1] ?? null;
}

/** Makes the directory where it is missing; what lies in it is for this user alone. */
export async function prepareDirectory(directory: string): Promise<void> {
  await withDisk(() => mkdir(directory, { recursive: true, mode: 0o700 }));
}

/** Deletes what earlier attempts of a run have left. */
export async function removeAttempts(
  directory: string,
  runId: string,
  but: string | null = null,
): Promise<void> {
  for (const file of await readdir(directory)) {
    if (runOf(file) === runId && file !== but) await rm(join(directory, file), { force: true });
  }
}

/** Deletes every file whose time is over or that nobody will finish; files of others are left alone. */
export async function sweepExports(sql: Sql, directory: string): Promise<number> {
  await expireExports(sql, daysToKeep);
  await prepareDirectory(directory);
  const files = await readdir(directory);
  // Asked after the directory was read: a file that was finished meanwhile is known to it.
  const needed = await neededFiles(sql);
  let deleted = 0;
  for (const file of files) {
    const runId = runOf(file);
    if (runId === null || needed.files.has(file) || needed.runs.has(runId)) continue;
    await rm(join(directory, file), { force: true });
    deleted += 1;
  }
  return deleted;
}

const full = new Set(['ENOSPC', 'EDQUOT']);
const unusable = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'ENOENT',
  'EIO',
  'EMFILE',
  'ENFILE',
  'EFBIG',
]);

/** Tells trouble with the disk apart from everything else: only a person can make room. */
export async function withDisk<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = diskCode(error);
    if (full.has(code)) {
      throw new TidelineError({
        code: 'export-disk-full',
        message: 'There is no space left for the file of this export.',
        action:
          'Make room where exports are kept (TIDELINE_EXPORT_DIR), or narrow the list; then export again.',
        actor: 'operator',
        status: 507,
        cause: error,
      });
    }
    if (!unusable.has(code)) throw error;
    throw new TidelineError({
      code: 'export-directory-unusable',
      message: `The directory of exports cannot be used (${code}).`,
      action:
        'Check that TIDELINE_EXPORT_DIR exists on the API and every worker, and that they may write to it.',
      actor: 'operator',
      cause: error,
    });
  }
}

/** Of an operation on a file; empty for everything else, a connection that was refused among it. */
function diskCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return '';
  return error.syscall === 'connect' ? '' : String(error.code);
}
