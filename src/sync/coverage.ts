import type { Sql } from '../db/pool.ts';
import type { SliceAxis } from '../db/queries/slices.ts';

export interface Gap {
  axis: SliceAxis;
  /** Half-open. */
  from: Date;
  to: Date;
}

/**
 * The proof that nothing is missing: what should be covered (creation times from the oldest order to T0, update
 * times from T0 − overlap to the watermark) minus what the ledger holds. No rows: no gap.
 */
export async function findGaps(sql: Sql, shopId: string, stream: string): Promise<{ gaps: Gap[] }> {
  const rows = await sql<{ axis: SliceAxis; gap_from: number; gap_to: number }[]>`
    with wanted as (
      select 'create_time' as axis, int8range(history_from, history_to) as range
      from stream_states where shop_id = ${shopId} and stream = ${stream} and history_from < history_to
      union all
      select 'update_time', int8range(changes_from, watermark)
      from stream_states where shop_id = ${shopId} and stream = ${stream} and changes_from < watermark
    ), gaps as (
      select wanted.axis, unnest(int8multirange(wanted.range) - coalesce(
        (select range_agg(coverage.range) from coverage
         where shop_id = ${shopId} and stream = ${stream} and coverage.axis = wanted.axis),
        '{}'::int8multirange)) as gap
      from wanted
    )
    select axis, lower(gap) as gap_from, upper(gap) as gap_to from gaps order by axis, gap_from`;
  const gaps = rows.map((row) => ({
    axis: row.axis,
    from: new Date(row.gap_from * 1000),
    to: new Date(row.gap_to * 1000),
  }));
  return { gaps };
}
