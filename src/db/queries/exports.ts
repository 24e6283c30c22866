import type { Column } from '../../exports/columns.ts';
import type { FileFormat } from '../../exports/file.ts';
import type { RunError } from '../../sync/types.ts';
import type { Sql, Transaction } from '../pool.ts';

export type ExportStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** An export as it was asked for. */
export interface NewExport {
  runId: string;
  /** Null for lists that belong to no shop. */
  shopId: string | null;
  /** The scope that the list needs. */
  neededScope: string;
  path: string;
  listing: string;
  selection: unknown;
  columns: readonly Column[];
  format: FileFormat;
  timeZone: string;
  currency: string | null;
  fileName: string;
  workflowId: string;
  /** The id of the key that asked for it; null for the key of the environment. */
  askedBy: string | null;
}

export interface ExportRecord extends NewExport {
  status: ExportStatus;
  claim: number;
  rowsExpected: number | null;
  rowsDone: number;
  storedAs: string | null;
  bytes: number | null;
  error: RunError | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  expiresAt: Date | null;
  /** Seconds that it took, or takes so far. */
  seconds: number;
}

const columns = (sql: Sql | Transaction) => sql`
  run_id as "runId", shop_id as "shopId", needed_scope as "neededScope", path, listing, selection, columns, format,
  time_zone as "timeZone", currency, file_name as "fileName", status, claim, rows_expected as "rowsExpected",
  rows_done as "rowsDone", stored_as as "storedAs", bytes, error, workflow_id as "workflowId", asked_by as "askedBy",
  started_at as "startedAt", finished_at as "finishedAt", expires_at as "expiresAt",
  coalesce(extract(epoch from coalesce(finished_at, now()) - started_at), 0)::float8 as seconds`;

export async function insertExport(sql: Sql, asked: NewExport): Promise<void> {
  await sql`
    insert into exports (run_id, shop_id, needed_scope, path, listing, selection, columns, format, time_zone, currency,
      file_name, workflow_id, asked_by)
    values (${asked.runId}, ${asked.shopId}, ${asked.neededScope}, ${asked.path}, ${asked.listing},
      ${sql.json(asked.selection as never)}, ${sql.json(asked.columns as never)}, ${asked.format}, ${asked.timeZone},
      ${asked.currency}, ${asked.fileName}, ${asked.workflowId}, ${asked.askedBy})`;
}

/** Whose exports somebody may see: those of these shops, or of all and of none (null); of lists with these scopes. */
export interface ExportViewer {
  shopIds: readonly string[] | null;
  scopes: readonly string[];
}

const visible = (sql: Sql, { shopIds, scopes }: ExportViewer) => sql`
  (${shopIds === null} or shop_id = any(${[...(shopIds ?? [])]})) and needed_scope = any(${[...scopes]})`;

/** Null when there is none, or none that the viewer may see. */
export async function findExport(
  sql: Sql,
  runId: string,
  viewer: ExportViewer,
): Promise<ExportRecord | null> {
  const [found] = await sql<ExportRecord[]>`
    select ${columns(sql)} from exports where run_id = ${runId} and ${visible(sql, viewer)}`;
  return found ?? null;
}

/** Newest first, those after the run `after`. */
export function listExports(
  sql: Sql,
  viewer: ExportViewer,
  { after, limit }: { after: string | null; limit: number },
): Promise<ExportRecord[]> {
  return sql<ExportRecord[]>`
    select ${columns(sql)} from exports
    where ${visible(sql, viewer)} and (${after}::text is null or run_id < ${after})
    order by run_id desc limit ${limit}`;
}

export async function countExports(sql: Sql, viewer: ExportViewer): Promise<number> {
  const [row] = await sql<{ exports: number }[]>`
    select count(*) as exports from exports where ${visible(sql, viewer)}`;
  return row?.exports ?? 0;
}

/** Takes an export for a new attempt; null when it is over. From then on older attempts cannot finish it. */
export async function claimExport(sql: Sql, runId: string): Promise<ExportRecord | null> {
  const [claimed] = await sql<ExportRecord[]>`
    update exports set status = 'running', claim = claim + 1, started_at = coalesce(started_at, now()), rows_done = 0
    where run_id = ${runId} and status in ('queued', 'running')
    returning ${columns(sql)}`;
  return claimed ?? null;
}

interface Claim {
  runId: string;
  claim: number;
}

/** @returns whether the claim still holds */
export async function noteExportProgress(
  sql: Sql,
  { runId, claim }: Claim,
  progress: { rowsDone: number; rowsExpected: number | null },
): Promise<boolean> {
  const { count } = await sql`
    update exports set rows_done = ${progress.rowsDone}, rows_expected = ${progress.rowsExpected}
    where run_id = ${runId} and claim = ${claim} and status = 'running'`;
  return count > 0;
}

/** @returns whether the claim still held: else the file is nobody's */
export async function finishExport(
  sql: Sql,
  { runId, claim }: Claim,
  file: { storedAs: string; bytes: number; rows: number; hours: number },
): Promise<boolean> {
  const { count } = await sql`
    update exports set status = 'completed', finished_at = now(), stored_as = ${file.storedAs}, bytes = ${file.bytes},
      rows_done = ${file.rows}, rows_expected = ${file.rows}, error = null,
      expires_at = now() + make_interval(hours => ${file.hours})
    where run_id = ${runId} and claim = ${claim} and status = 'running'`;
  return count > 0;
}

/** Ends an export without a file. */
export async function endExport(
  sql: Sql,
  runId: string,
  status: 'failed' | 'cancelled',
  error: RunError | null,
): Promise<void> {
  await sql`
    update exports set status = ${status}, finished_at = now(), error = ${error ? sql.json({ ...error }) : null}
    where run_id = ${runId} and status in ('queued', 'running')`;
}

/** The latest trouble of an export that is tried again, or null when it is over. */
export async function noteExportError(sql: Sql, runId: string, error: RunError | null): Promise<void> {
  await sql`
    update exports set error = ${error ? sql.json({ ...error }) : null}
    where run_id = ${runId} and status = 'running'`;
}

/** Forgets the files whose time is over, and exports that ended more than `days` days ago. */
export async function expireExports(sql: Sql, days: number): Promise<void> {
  await sql`update exports set stored_as = null where stored_as is not null and expires_at <= now()`;
  await sql`delete from exports where finished_at < now() - make_interval(days => ${days})`;
}

/** Names of the files that somebody may still download, and runs that may be writing one. */
export async function neededFiles(sql: Sql): Promise<{ files: Set<string>; runs: Set<string> }> {
  const rows = await sql<{ run_id: string; stored_as: string | null; open: boolean }[]>`
    select run_id, stored_as, status in ('queued', 'running') as open from exports
    where stored_as is not null or status in ('queued', 'running')`;
  return {
    files: new Set(rows.flatMap((row) => row.stored_as ?? [])),
    runs: new Set(rows.filter((row) => row.open).map((row) => row.run_id)),
  };
}
