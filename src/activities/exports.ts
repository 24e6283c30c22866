import type { Logger } from 'pino';
import { endExport, noteExportError } from '../db/queries/exports.ts';
import { sweepExports } from '../exports/directory.ts';
import { type ExportWriter, writeExport } from '../exports/write-export.ts';
import type { RunError } from '../sync/types.ts';
import { runActivity } from './run-activity.ts';

export interface ExportDependencies extends ExportWriter {
  log: Logger;
}

export type ExportActivities = ReturnType<typeof createExportActivities>;

/** Files of lists. Ids go in, nothing comes out. */
export function createExportActivities(dependencies: ExportDependencies) {
  const { sql, log, directory } = dependencies;
  const frame = { log };
  return {
    writeExport: (runId: string): Promise<void> =>
      runActivity({ log, note: (error) => noteExportError(sql, runId, error) }, ({ signal }) =>
        writeExport(dependencies, runId, signal),
      ),

    endExport: (runId: string, status: 'failed' | 'cancelled', error: RunError | null): Promise<void> =>
      runActivity(frame, () => endExport(sql, runId, status, error)),

    /** Returns how many files went. */
    sweepExports: (): Promise<number> => runActivity(frame, () => sweepExports(sql, directory)),
  };
}
