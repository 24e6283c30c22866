import {
  bulk,
  type Column,
  type ColumnValue,
  columnArrays,
  textArray,
  unnestClause,
} from '../column-arrays.ts';
import type { Sql, Transaction } from '../pool.ts';

/** An event ready to be stored. Binary values are in PostgreSQL's hexadecimal form, as {@link toHex} makes it. */
export interface EventRow extends Record<string, ColumnValue> {
  event_name: string;
  event_id: string;
  /** Unix seconds. */
  event_time: number;
  origin: string;
  medium: string;
  content: string;
  sealed: string;
  body_hash: string;
  parameters: number;
  /** An array literal of destination ids; null: all. */
  destinations: string | null;
}

export interface InsertedDelivery {
  event_name: string;
  event_id: string;
  /** Null, as the delivery, when there is no destination for the event. */
  destination_id: string | null;
  delivery_id: number | null;
  /** Whether the destination is paused: then nobody need be woken for it. */
  is_paused: boolean | null;
}

const columns: readonly Column[] = [
  ['place', 'integer'],
  ['event_name', 'text'],
  ['event_id', 'text'],
  ['event_time', 'bigint'],
  ['origin', 'text'],
  ['medium', 'text'],
  ['content', 'text'],
  ['sealed', 'bytea'],
  ['body_hash', 'bytea'],
  ['parameters', 'integer'],
  ['destinations', 'text'],
];

const insert = `
with given as (select * from ${unnestClause(columns, 'incoming', 1)}),
inserted as (
  insert into conversion_events (event_name, event_id, event_time, origin, medium, content, sealed, body_hash, parameters)
  select event_name, event_id, to_timestamp(event_time), origin, medium, content, sealed, body_hash, parameters
  from given
  on conflict (event_name, event_id) do nothing
  returning event_key, event_name, event_id
),
open as materialized (select destination_id, status = 'paused' as is_paused from destinations where deleted_at is null),
made as (
  insert into deliveries (event_key, destination_id, event_name, event_id, status, next_attempt_at)
  select event_key, d.destination_id, event_name, event_id, 'PENDING', now()
  from inserted join given using (event_name, event_id)
  join open d on given.destinations is null or d.destination_id = any(given.destinations::text[])
  order by place, d.destination_id
  returning delivery_id, event_key, destination_id
)
select event_name, event_id, destination_id, delivery_id, is_paused
from inserted left join made using (event_key) left join open using (destination_id)
order by delivery_id`;

/**
 * Stores events that are not stored yet under their name and id, with a delivery for each of their destinations.
 * Rows must differ in name and id; they are written in the order of these, so that two processes cannot deadlock. Their
 * deliveries are numbered in the order given: of two that the platform takes for one, the first is sent.
 *
 * @returns the deliveries of the events that are new; of the others nothing.
 */
export function insertEvents(
  tx: Sql | Transaction,
  rows: readonly EventRow[],
): Promise<readonly InsertedDelivery[]> {
  const ordered = rows
    .map((row, place) => ({ ...row, place }))
    .sort(
      (left, right) => compare(left.event_name, right.event_name) || compare(left.event_id, right.event_id),
    );
  return bulk<InsertedDelivery>(tx, insert, columnArrays(columns, ordered));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** As PostgreSQL reads `bytea`. */
export function toHex(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`;
}

/** An array literal, for a column that holds one for each row. */
export function listLiteral(values: readonly string[]): string {
  return textArray(values);
}

/** Which of the destinations exist. */
export async function existingDestinations(sql: Sql, ids: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ destination_id: string }[]>`
    select destination_id from destinations where deleted_at is null and destination_id = any(${[...ids]})`;
  return new Set(rows.map((row) => row.destination_id));
}
