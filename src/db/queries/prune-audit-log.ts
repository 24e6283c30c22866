import type { Sql } from '../pool.ts';

/** Longer than two of the yearly audits that an entry may be asked for in. */
const daysToKeep = 2 * 366;
const entriesAtOnce = 10_000;

/** Lets go of entries of the audit log that nobody will ask for any more. Returns how many went. */
export async function pruneAuditLog(sql: Sql): Promise<number> {
  let deleted = 0;
  while (true) {
    const { count } = await sql`
      delete from audit_log where audit_id in (
        select audit_id from audit_log where at < now() - make_interval(days => ${daysToKeep})
        order by audit_id limit ${entriesAtOnce})`;
    deleted += count;
    if (count < entriesAtOnce) return deleted;
  }
}
