import type { Sql } from '../db/pool.ts';
import { type AuditObject, beginAudit, endAudit } from '../db/queries/audit-log.ts';
import { TidelineError } from '../errors.ts';

/**
 * Does `work` between its entry in the audit log and the outcome: every command that changes something.
 *
 * @param action the command without its arguments, such as `keys create`
 * @param object ids of what it acts on; `made` tells those of what it made
 */
export async function audited<Result>(
  sql: Sql,
  { action, object = {} }: { action: string; object?: AuditObject },
  work: () => Promise<Result>,
  made: (result: Result) => AuditObject = () => ({}),
): Promise<Result> {
  const auditId = await beginAudit(sql, {
    actor: 'command_line',
    keyId: null,
    action,
    object,
    requestId: null,
    address: null,
  });
  try {
    const result = await work();
    await endAudit(sql, auditId, { outcome: 'done', status: null, object: made(result) });
    return result;
  } catch (error) {
    const refused = error instanceof TidelineError && error.actor === 'user';
    await endAudit(sql, auditId, { outcome: refused ? 'refused' : 'failed', status: null });
    throw error;
  }
}
