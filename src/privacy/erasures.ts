import { randomBytes } from 'node:crypto';
import type { Sql, Transaction } from '../db/pool.ts';

/** One thing that an erasure leaves, and why. */
export interface Remainder {
  what: string;
  why: string;
}

/** What an erasure did. Counts are rows, by table. Nothing in it names a buyer. */
export interface ErasureReport {
  deleted: Record<string, number>;
  /** Rows that stay without the buyer's id. */
  changed: Record<string, number>;
  remains: Remainder[];
}

export interface Erasure {
  /** Null for a rehearsal: nothing was changed, and nothing is kept of it. */
  erasure_id: string | null;
  shop_id: string;
  subject: 'buyer' | 'shop';
  status: 'running' | 'finished' | 'rehearsed';
  requested_at: string;
  finished_at: string | null;
  report: ErasureReport | null;
}

interface ErasureRow {
  erasure_id: string;
  shop_id: string;
  subject: 'buyer' | 'shop';
  requested_at: Date;
  finished_at: Date | null;
  report: ErasureReport | null;
}

function toErasure(row: ErasureRow): Erasure {
  return {
    ...row,
    status: row.finished_at === null ? 'running' : 'finished',
    requested_at: row.requested_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
  };
}

/** What a rehearsal answers. */
export function rehearsedErasure(
  shopId: string,
  subject: Erasure['subject'],
  report: ErasureReport,
): Erasure {
  const now = new Date().toISOString();
  const times = { requested_at: now, finished_at: now };
  return { erasure_id: null, shop_id: shopId, subject, status: 'rehearsed', ...times, report };
}

/** Records that an erasure was asked for. Ids sort by time. */
export async function beginErasure(
  tx: Transaction,
  shopId: string,
  subject: Erasure['subject'],
): Promise<string> {
  const erasureId = `era_${Date.now().toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}`;
  await tx`insert into erasures ${tx({ erasure_id: erasureId, shop_id: shopId, subject })}`;
  return erasureId;
}

/** Records what an erasure did. */
export async function finishErasure(
  tx: Transaction,
  erasureId: string,
  report: ErasureReport,
): Promise<Erasure> {
  const [row] = await tx<ErasureRow[]>`
    update erasures set finished_at = clock_timestamp(), report = ${tx.json({ ...report, remains: report.remains.map((one) => ({ ...one })) })}
    where erasure_id = ${erasureId} returning *`;
  if (row === undefined) throw new Error(`Erasure ${erasureId} was never begun.`);
  return toErasure(row);
}

export interface ErasureFilter {
  /** Null: of every shop. */
  shopIds: readonly string[] | null;
  limit: number;
  /** The erasure after which the list goes on. */
  after?: string;
}

/** Newest first. */
export async function listErasures(
  sql: Sql | Transaction,
  { shopIds, limit, after }: ErasureFilter,
): Promise<Erasure[]> {
  const rows = await sql<ErasureRow[]>`
    select * from erasures
    where (${shopIds === null} or shop_id = any(${[...(shopIds ?? [])]}))
      and erasure_id < ${after ?? '~'}
    order by erasure_id desc limit ${limit}`;
  return rows.map(toErasure);
}

/** How many there are, on all pages. */
export async function countErasures(sql: Sql, { shopIds }: Pick<ErasureFilter, 'shopIds'>): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from erasures
    where (${shopIds === null} or shop_id = any(${[...(shopIds ?? [])]}))`;
  return row?.count ?? 0;
}

/** Null for one that does not exist. */
export async function findErasure(sql: Sql, erasureId: string): Promise<Erasure | null> {
  const [row] = await sql<ErasureRow[]>`select * from erasures where erasure_id = ${erasureId}`;
  return row === undefined ? null : toErasure(row);
}
