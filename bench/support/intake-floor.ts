import { bulk, type Column, unnestClause } from '../../src/db/column-arrays.ts';
import { openPool } from '../../src/db/pool.ts';
import { inLanes } from './conversions.ts';

const columns: readonly Column[] = [
  ['event_name', 'text'],
  ['event_id', 'text'],
  ['event_time', 'timestamptz'],
  ['origin', 'text'],
  ['medium', 'text'],
  ['content', 'text'],
  ['sealed', 'bytea'],
  ['body_hash', 'bytea'],
  ['parameters', 'integer'],
];
const names = columns.map(([name]) => name).join(', ');

const insert = `
with inserted as (
  insert into conversion_events (${names}) select ${names} from ${unnestClause(columns, 'given', 1)}
  returning event_key, event_name, event_id
)
insert into deliveries (event_key, destination_id, event_name, event_id, status, next_attempt_at)
select event_key, 'tiktok', event_name, event_id, 'PENDING', now() from inserted`;

/**
 * The least that storing events costs: the rows that the engine has stored, inserted once more by the same driver, a
 * commit for each request and as many at once, with nothing around.
 *
 * @returns seconds
 */
export async function runIntakeFloor(
  databaseUrl: string,
  { batch, lanes }: { batch: number; lanes: number },
): Promise<number> {
  const sql = openPool(databaseUrl, { applicationName: 'tideline floor', maxConnections: lanes });
  try {
    // Read beforehand, as array literals: what is timed is the insert alone.
    const arrays = columns.map(([name]) => `array_agg(${name} order by event_key)::text as ${name}`);
    const batches = await sql.unsafe<Record<string, string>[]>(
      `select ${arrays.join(', ')}
      from (select *, (row_number() over (order by event_key) - 1) / $1::integer as nth from conversion_events) e
      group by nth`,
      [batch],
    );
    await sql`truncate conversion_events, deliveries, delivery_attempts, delivery_requests, replayed_deliveries`;
    await sql`checkpoint`;
    const ms = await inLanes(batches.length, lanes, async (nth) => {
      const rows: Record<string, string> = batches[nth] ?? {};
      await bulk(
        sql,
        insert,
        columns.map(([name]) => rows[name] ?? null),
      );
    });
    return ms / 1_000;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
