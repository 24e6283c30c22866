import type { Sql } from '../db/pool.ts';
import type { EventRow } from '../db/queries/insert-conversions.ts';
import { toHex } from '../db/queries/insert-conversions.ts';
import type { DataKey } from '../shops/data-keys.ts';
import type { ParsedEvent } from './parse-event.ts';
import { openEvent, type StoredEvent } from './seal.ts';
import type { ConversionEvent } from './types.ts';

/** An event that came again and says something else than what is stored. */
export interface Difference {
  index: number;
  event_id: string;
  /** Names of the fields that differ, such as `properties.value`; never what they hold. */
  fields: string[];
}

interface Repeated {
  index: number;
  parsed: ParsedEvent;
  row: EventRow;
}

type StoredRow = StoredEvent & { body_hash: Buffer };

/** Compares events that came again with what is stored of them. */
export async function findDifferences(
  sql: Sql,
  key: DataKey,
  repeated: readonly Repeated[],
): Promise<Difference[]> {
  if (repeated.length === 0) return [];
  const names = repeated.map(({ row }) => row.event_name);
  const ids = repeated.map(({ row }) => row.event_id);
  const rows = await sql<StoredRow[]>`
    select event_name, event_id, extract(epoch from event_time)::bigint as event_time, medium, content, sealed, body_hash
    from conversion_events join unnest(${names}::text[], ${ids}::text[]) as given(event_name, event_id)
      using (event_name, event_id)`;
  const stored = new Map(rows.map((row) => [JSON.stringify([row.event_name, row.event_id]), row]));
  return repeated.flatMap(({ index, parsed, row }) => {
    const known = stored.get(JSON.stringify([row.event_name, row.event_id]));
    if (known === undefined || toHex(known.body_hash) === row.body_hash) return [];
    return [
      {
        index,
        event_id: row.event_id,
        fields: differingFields(openEvent(key, known), parsed.event, known.sealed === null),
      },
    ];
  });
}

const groups = ['user', 'page', 'properties'] as const;

/** Where two events differ; where nothing of the event does, it was sent to other destinations. */
function differingFields(stored: ConversionEvent, given: ConversionEvent, isPurged: boolean): string[] {
  const compared = groups.filter((group) => !isPurged || group === 'properties');
  const outer = (['event_time', 'medium', 'test_event_code', 'limited_data_use'] as const).filter(
    (name) => stored[name] !== given[name],
  );
  const inner = compared.flatMap((group) => {
    const [left, right] = [stored[group], given[group]] as [Record<string, unknown>, Record<string, unknown>];
    return [...new Set([...Object.keys(left), ...Object.keys(right)])]
      .filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]))
      .map((name) => `${group}.${name}`);
  });
  const fields = [...outer.map((name) => (name === 'medium' ? 'source' : name)), ...inner];
  if (fields.length > 0) return fields;
  return [isPurged ? 'user' : 'destinations'];
}
