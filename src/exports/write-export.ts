import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sql, Transaction } from '../db/pool.ts';
import { claimExport, type ExportRecord, finishExport, noteExportProgress } from '../db/queries/exports.ts';
import { scopeToShop } from '../db/queries/shop-scope.ts';
import type { ListRow } from './columns.ts';
import { prepareDirectory, removeAttempts, storedName, withDisk } from './directory.ts';
import { streamFile } from './file.ts';
import { findListing } from './listings/index.ts';
import { openList } from './open-list.ts';

/** Rows between two notes of the progress, which a person watches. */
const noteEveryMs = 500;

export interface ExportWriter {
  /** For short statements. */
  sql: Sql;
  /** Connections that lists are read on: as many as files are written at once, the others wait. */
  readers: Sql;
  /** Absolute; the same one for the API and every worker. */
  directory: string;
  /** Hours that a finished file is kept. */
  hoursToKeep: number;
}

/**
 * Writes the file of an export, from its beginning: a list is of one moment, so an attempt that died leaves nothing to
 * go on with. Nobody sees a file before it is whole.
 *
 * @throws TidelineError for the operator when the disk is full or the directory cannot be used; nothing is left then
 */
export async function writeExport(writer: ExportWriter, runId: string, signal: AbortSignal): Promise<void> {
  const claimed = await claimExport(writer.sql, runId);
  if (claimed === null) return;
  await prepareDirectory(writer.directory);
  await withDisk(() => removeAttempts(writer.directory, runId));
  const storedAs = storedName(claimed);
  const path = join(writer.directory, storedAs);
  try {
    const rows = await writeFile(writer, claimed, path, signal);
    const { size: bytes } = await withDisk(() => stat(path));
    const isOurs = await finishExport(writer.sql, claimed, {
      storedAs,
      bytes,
      rows,
      hours: writer.hoursToKeep,
    });
    if (!isOurs) await rm(path, { force: true });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** @returns the number of rows */
async function writeFile(
  { sql, readers }: ExportWriter,
  claimed: ExportRecord,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const { listing: name, selection, format, columns, timeZone, currency, shopId } = claimed;
  const listing = findListing(name);
  // Whoever asked was found to be allowed to see the shop when the export was taken on.
  const scope = shopId === null ? null : scopeToShop(shopId);
  const progress = { rowsDone: 0, rowsExpected: null as number | null };
  let notedAt = 0;
  const note = async (): Promise<void> => {
    if (performance.now() - notedAt < noteEveryMs) return;
    notedAt = performance.now();
    signal.throwIfAborted();
    // Whoever lost the claim has no reason to go on.
    if (!(await noteExportProgress(sql, claimed, progress)))
      throw new Error('Another attempt writes this export.');
  };
  async function* counted(tx: Transaction): AsyncGenerator<readonly ListRow[], void> {
    progress.rowsExpected = (await listing.count?.(scope, tx, selection)) ?? null;
    await note();
    for await (const rows of listing.rows(scope, tx, selection)) {
      yield rows;
      progress.rowsDone += rows.length;
      await note();
    }
  }
  const list = await openList(readers, counted);
  try {
    const chunks = streamFile(list.batches, { format, columns, name, timeZone, currency });
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
    await withDisk(() => pipeline(Readable.from(chunks), file, { signal }));
  } finally {
    await list.close();
  }
  return progress.rowsDone;
}
