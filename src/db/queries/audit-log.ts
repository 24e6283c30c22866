import type { Sql, Transaction } from '../pool.ts';

export const auditActors = ['key', 'environment', 'command_line', 'nobody'] as const;
export type AuditActor = (typeof auditActors)[number];

export const auditOutcomes = ['pending', 'done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** Ids of what was acted on, by their names: `{shop: "shop-1"}`. Nothing else: no name, no value, no body. */
export type AuditObject = Record<string, string>;

export interface AuditBeginning {
  actor: AuditActor;
  keyId: string | null;
  /** The operation id of the route, or the command: `changeShop`, `keys create`. */
  action: string;
  object: AuditObject;
  /** Null on the command line. */
  requestId: string | null;
  /** Of a network, not of a person; see `remote-address.ts`. */
  address: string | null;
}

export interface AuditEnd {
  outcome: Exclude<AuditOutcome, 'pending'>;
  /** HTTP status; null on the command line. */
  status: number | null;
  /** Known only now: who turned out to ask, ids of what was made. */
  actor?: AuditActor;
  keyId?: string | null;
  object?: AuditObject;
}

/** Says that something is about to be done; returns the id of the entry. */
export async function beginAudit(sql: Sql, entry: AuditBeginning): Promise<number> {
  const [row] = await sql<{ audit_id: number }[]>`
    insert into audit_log (actor, api_key_id, action, object, request_id, address)
    values (${entry.actor}, ${entry.keyId}, ${entry.action}, ${sql.json(entry.object)}, ${entry.requestId},
      ${entry.address})
    returning audit_id`;
  if (!row) throw new Error('The audit entry was not stored.');
  return row.audit_id;
}

/** Says how it ended. */
export async function endAudit(sql: Sql, auditId: number, end: AuditEnd): Promise<void> {
  await sql`
    update audit_log
    set outcome = ${end.outcome}, status = ${end.status}, actor = coalesce(${end.actor ?? null}, actor),
      api_key_id = coalesce(${end.keyId ?? null}, api_key_id), object = object || ${sql.json(end.object ?? {})}
    where audit_id = ${auditId}`;
}

/** An entry as the API shows it. */
export interface AuditEntry {
  id: string;
  at: string;
  actor: AuditActor;
  key_id: string | null;
  action: string;
  object: AuditObject;
  outcome: AuditOutcome;
  status: number | null;
  request_id: string | null;
  address: string | null;
}

export interface AuditFilter {
  keyId: string | null;
  action: string | null;
  outcome: AuditOutcome | null;
  /** RFC 3339; from inclusive, to exclusive. */
  from: string | null;
  to: string | null;
}

function matching(sql: Sql | Transaction, { keyId, action, outcome, from, to }: AuditFilter) {
  return sql`
    (${keyId}::text is null or api_key_id = ${keyId}) and (${action}::text is null or action = ${action})
    and (${outcome}::text is null or outcome = ${outcome})
    and (${from}::timestamptz is null or at >= ${from}) and (${to}::timestamptz is null or at < ${to})`;
}

/** Entries, newest first, after the one with the id `after`. */
export async function listAudit(
  sql: Sql | Transaction,
  filter: AuditFilter,
  { after, limit }: { after: number | null; limit: number },
): Promise<AuditEntry[]> {
  const rows = await sql<(Omit<AuditEntry, 'at' | 'id'> & { audit_id: number; time: Date })[]>`
    select audit_id, at as time, actor, api_key_id as key_id, action, object, outcome, status, request_id, address
    from audit_log
    where ${matching(sql, filter)} and (${after}::bigint is null or audit_id < ${after})
    order by audit_id desc limit ${limit}`;
  return rows.map(({ audit_id, time, ...row }) => ({ id: String(audit_id), at: time.toISOString(), ...row }));
}

export async function countAudit(sql: Sql | Transaction, filter: AuditFilter): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from audit_log where ${matching(sql, filter)}`;
  return row?.count ?? 0;
}
