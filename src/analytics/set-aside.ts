import { cleanText } from '../db/column-arrays.ts';
import type { Sql } from '../db/pool.ts';
import { lockRunDay, type RunDayClaim } from './run-days.ts';

/** A record of a day that cannot be stored, and why. */
export interface SetAsideRecord {
  recordId: string;
  path: string;
  reason: string;
}

const longestRecordId = 300;
/** Of a hostile upstream's: the first ones tell enough. */
const mostRecords = 1_000;

/**
 * Sets records of a day aside in place of those that an earlier read set aside.
 *
 * @throws RunDayLost
 */
export async function noteAside(
  sql: Sql,
  { shopId, ...claim }: RunDayClaim & { shopId: string },
  { aside, observedAt }: { aside: readonly SetAsideRecord[]; observedAt: Date },
): Promise<void> {
  const prefix = `${claim.stream}/${claim.date}/`;
  await sql.begin(async (tx) => {
    await lockRunDay(tx, claim);
    await tx`
      delete from quarantined_records
      where shop_id = ${shopId} and stream = 'analytics' and starts_with(record_id, ${prefix})`;
    if (aside.length === 0) return;
    const records = aside.slice(0, mostRecords).map(({ recordId, path, reason }) => ({
      record_id: prefix + cleanText(recordId).slice(0, longestRecordId),
      path: cleanText(path),
      reason,
    }));
    // Page 0 is none: those of analytics are in their own table, and this one has to be looked up by run and day.
    await tx`
      insert into quarantined_records (shop_id, stream, record_id, path, reason, page_id, page_index, observed_at)
      select distinct on (record_id) ${shopId}, 'analytics', record_id, path, reason, 0, 0, ${observedAt}
      from jsonb_to_recordset(${tx.json(records)}) as record(record_id text, path text, reason text)`;
  });
}
