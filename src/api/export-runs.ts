import type { ExportRecord, ExportViewer } from '../db/queries/exports.ts';
import type { Progress, Run } from '../sync/types.ts';
import { hasScope, type Principal, scopes } from './principal.ts';

/** An export as runs are shown. Its records are the rows of the list: read, then written to the file. */
export interface ExportRun extends Omit<Run, 'shop_id' | 'stream' | 'mode'> {
  /** Null for lists that belong to no shop. */
  shop_id: string | null;
  stream: 'export';
  mode: 'export';
}

export interface ListedExport extends ExportRun {
  path: string;
  format: string;
  file: { name: string; bytes: number; rows: number; expires_at: string; url: string } | null;
}

/** Whose exports a principal may see: those of lists that it may read. */
export function viewerOf(principal: Principal): ExportViewer {
  return { shopIds: principal.shopIds, scopes: scopes.filter((scope) => hasScope(principal, scope)) };
}

/** Where the finished file of an export is downloaded. */
export function fileUrl(publicUrl: string, runId: string): string {
  return `${publicUrl}/api/v1/exports/${runId}/file`;
}

export function toRun(found: ExportRecord, temporalUiUrl: string | null): ExportRun {
  return {
    run_id: found.runId,
    shop_id: found.shopId,
    stream: 'export',
    mode: 'export',
    status: found.status,
    started_at: found.startedAt?.toISOString() ?? null,
    finished_at: found.finishedAt?.toISOString() ?? null,
    window: null,
    progress: progressOf(found),
    counts: {
      fetched: found.rowsDone,
      written: found.rowsDone,
      unchanged: 0,
      quarantined: 0,
      api_calls: 0,
      throttled: 0,
    },
    error: found.error,
    workflow_id: found.workflowId,
    temporal_ui_url: temporalUiUrl,
  };
}

export function toListed(
  found: ExportRecord,
  { temporalUiUrl, publicUrl }: { temporalUiUrl: string | null; publicUrl: string },
): ListedExport {
  const { path, format, fileName: name, rowsDone: rows } = found;
  const isThere = hasFile(found);
  return {
    ...toRun(found, temporalUiUrl),
    path,
    format,
    file: isThere
      ? {
          name,
          rows,
          bytes: found.bytes,
          expires_at: found.expiresAt.toISOString(),
          url: fileUrl(publicUrl, found.runId),
        }
      : null,
  };
}

/** Whether the file can still be downloaded. */
export function hasFile(
  found: ExportRecord,
): found is ExportRecord & { storedAs: string; bytes: number; expiresAt: Date } {
  return found.storedAs !== null && found.expiresAt !== null && found.expiresAt.getTime() > Date.now();
}

function progressOf({ status, rowsDone, rowsExpected, seconds, finishedAt }: ExportRecord): Progress | null {
  if (status === 'queued') return null;
  const rate = seconds > 0 ? rowsDone / seconds : 0;
  const expected = rowsExpected === null ? null : Math.max(rowsExpected, rowsDone);
  const left = expected === null ? null : expected - rowsDone;
  return {
    orders_done: rowsDone,
    orders_expected: expected,
    percent: expected === null ? null : expected === 0 ? 100 : Math.round((rowsDone / expected) * 1_000) / 10,
    rate_per_s: Math.round(rate * 10) / 10,
    eta_s: finishedAt !== null ? 0 : left === null || rate === 0 ? null : Math.ceil(left / rate),
  };
}
