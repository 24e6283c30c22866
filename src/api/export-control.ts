import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from '@temporalio/client';
import { openPool, type Sql } from '../db/pool.ts';
import {
  countExports,
  type ExportRecord,
  type ExportViewer,
  findExport,
  listExports,
  type NewExport,
} from '../db/queries/exports.ts';
import { TidelineError } from '../errors.ts';
import { openList } from '../exports/open-list.ts';
import { cancelExport, startExport } from '../exports/start-export.ts';
import type { Log } from '../log.ts';
import { finishedStatuses } from '../sync/types.ts';
import { workflowUrl } from '../temporal/connection.ts';
import type { FileReading } from './file-response.ts';

/** Files that are made while they are downloaded; each holds a connection for as long as its reader takes. */
const downloadsAtOnce = 4;
/** A search over the whole history may take this long before its first row. */
const longestStatement = '60s';

export type AskedExport = Omit<NewExport, 'runId' | 'workflowId'>;

/** Exports in the background, and what files that are made on the way are read with. */
export interface ExportControl extends FileReading {
  start(asked: AskedExport): Promise<{ runId: string; workflowId: string }>;
  find(runId: string, viewer: ExportViewer): Promise<ExportRecord | null>;
  list(viewer: ExportViewer, page: { after: string | null; limit: number }): Promise<ExportRecord[]>;
  count(viewer: ExportViewer): Promise<number>;
  cancel(run: { runId: string; workflowId: string }): Promise<void>;
  /** The bytes of a finished file; null when it is not there any more. */
  read(storedAs: string): Promise<ReadableStream<Uint8Array> | null>;
  temporalUrl(workflowId: string): string | null;
}

export interface ExportWiring {
  sql: Sql;
  databaseUrl: string;
  temporal: Client;
  temporalUiUrl: string | null;
  log: Log;
  directory: string;
  timed<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Stops an export that goes on.
 *
 * @throws TidelineError 409 when it is over
 */
export async function stopExport(exports: ExportControl, found: ExportRecord): Promise<void> {
  const { runId, workflowId, status } = found;
  if (finishedStatuses.includes(status)) throw notSteerable(status, 'cancel');
  await exports.cancel({ runId, workflowId });
}

/** What an export does not let itself be asked for. */
export function notSteerable(status: ExportRecord['status'], action: string): TidelineError {
  return new TidelineError({
    code: 'run-state',
    message: `An export that is ${status} cannot be asked to ${action}.`,
    action: 'An export that goes on can be cancelled; what is over can be exported again.',
    actor: 'user',
    status: 409,
  });
}

/** {@link ExportControl} on the real database, Temporal and disk; `close` gives its connections back. */
export function wireExports(wiring: ExportWiring): ExportControl & { close(): Promise<void> } {
  const { sql, temporal, temporalUiUrl, log, directory, timed } = wiring;
  const readers = openPool(wiring.databaseUrl, {
    applicationName: 'tideline api',
    maxConnections: downloadsAtOnce,
    settings: { statement_timeout: longestStatement, plan_cache_mode: 'force_custom_plan' },
  });
  let downloads = 0;
  return {
    async open(rows) {
      if (downloads >= downloadsAtOnce) throw tooManyDownloads();
      downloads += 1;
      const done = once(() => {
        downloads -= 1;
      });
      try {
        const list = await openList(readers, rows);
        return { batches: list.batches, close: () => list.close().finally(done) };
      } catch (error) {
        done();
        throw error;
      }
    },
    reportBroken: (error, requestId) =>
      log.error({ err: error, request_id: requestId }, 'a file could not be read to its end'),
    start: (asked) => timed(() => startExport(sql, temporal, asked)),
    find: (runId, viewer) => findExport(sql, runId, viewer),
    list: (viewer, page) => listExports(sql, viewer, page),
    count: (viewer) => countExports(sql, viewer),
    cancel: (run) => timed(() => cancelExport(sql, temporal, run)),
    read: (storedAs) => readStored(join(directory, storedAs)),
    temporalUrl: (workflowId) => workflowUrl(temporalUiUrl, temporal.options.namespace, workflowId),
    close: () => readers.end({ timeout: 2 }),
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

async function readStored(path: string): Promise<ReadableStream<Uint8Array> | null> {
  try {
    const file = await open(path);
    // Closes the file at its end, and when the reader leaves.
    return Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function tooManyDownloads(): TidelineError {
  return new TidelineError({
    code: 'too-many-downloads',
    message: `${downloadsAtOnce} files are being made for others at this moment.`,
    action: 'Try again soon, or let it be written in the background with POST /api/v1/exports.',
    actor: 'retry',
    status: 503,
  });
}
