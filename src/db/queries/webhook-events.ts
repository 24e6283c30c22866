import { bulk, type Column, type ColumnValue, columnArrays, unnestClause } from '../column-arrays.ts';
import type { Sql } from '../pool.ts';

export const webhookStatuses = ['received', 'processed', 'ignored', 'failed'] as const;
export type WebhookStatus = (typeof webhookStatuses)[number];

/** A webhook ready to be stored; `body` is sealed and in PostgreSQL's hexadecimal form. */
export interface WebhookRow extends Record<string, ColumnValue> {
  source: string;
  source_id: string;
  topic: string;
  body: string;
  /** Milliseconds until it is worked on. */
  patience: number;
  receipts: number;
}

const columns: readonly Column[] = [
  ['source', 'text'],
  ['source_id', 'text'],
  ['topic', 'text'],
  ['body', 'bytea'],
  ['patience', 'integer'],
  ['receipts', 'integer'],
];

const insert = `
insert into webhook_events as stored (source, source_id, topic, body, receipts, next_attempt_at)
select source, source_id, topic, body, receipts, now() + make_interval(secs => patience / 1000.0)
from ${unnestClause(columns, 'incoming', 1)} order by source, source_id
on conflict (source, source_id) do update set receipts = stored.receipts + excluded.receipts`;

/** As {@link insert}, for sources whose webhooks only say that there is something new to be looked at. */
const insertOrLookAgain = `${insert},
  status = 'received', body = excluded.body,
  next_attempt_at = least(stored.next_attempt_at, excluded.next_attempt_at)`;

/**
 * Stores webhooks of one source, each once.
 *
 * @param looksAgain whether a repeat is worked on like the first; else it is only counted
 */
export async function insertWebhooks(
  sql: Sql,
  rows: readonly WebhookRow[],
  looksAgain: boolean,
): Promise<void> {
  await bulk(sql, looksAgain ? insertOrLookAgain : insert, columnArrays(columns, rows));
}

export interface DueWebhook {
  webhook_key: number;
  source_id: string;
  topic: string;
  body: Buffer;
  receipts: number;
  attempts: number;
  received_at: Date;
}

/** Webhooks of a source that are to be worked on now, oldest first. */
export function dueWebhooks(sql: Sql, source: string, limit: number): Promise<DueWebhook[]> {
  return sql<DueWebhook[]>`
    select webhook_key, source_id, topic, body, receipts, attempts, received_at from webhook_events
    where source = ${source} and next_attempt_at <= now() and body is not null
    order by next_attempt_at limit ${limit}`;
}

/** Milliseconds until the next webhook of a source is due; null when none waits. */
export async function nextWebhookDue(sql: Sql, source: string): Promise<number | null> {
  const [row] = await sql<{ ms: number }[]>`
    select greatest(0, ceil(extract(epoch from next_attempt_at - now()) * 1000))::bigint as ms
    from webhook_events where source = ${source} and next_attempt_at is not null order by next_attempt_at limit 1`;
  return row?.ms ?? null;
}

/** Says how the work on a webhook ended, unless it has come again meanwhile. */
export async function settleWebhook(
  sql: Sql,
  webhook: Pick<DueWebhook, 'webhook_key' | 'receipts'>,
  { status, reason }: { status: Exclude<WebhookStatus, 'received'>; reason: string | null },
): Promise<void> {
  await sql`
    update webhook_events
    set status = ${status}, reason = ${reason}, attempts = attempts + 1, next_attempt_at = null, processed_at = now()
    where webhook_key = ${webhook.webhook_key} and receipts = ${webhook.receipts}`;
}

/** Puts a webhook off. */
export async function postponeWebhook(
  sql: Sql,
  { webhook_key: key }: Pick<DueWebhook, 'webhook_key'>,
  { waitMs, reason }: { waitMs: number; reason: string },
): Promise<void> {
  await sql`
    update webhook_events
    set attempts = attempts + 1, reason = ${reason}, next_attempt_at = now() + make_interval(secs => ${waitMs / 1_000})
    where webhook_key = ${key} and status = 'received'`;
}

/** Has a webhook worked on again. The source of it; null when there is no such webhook, or its body is gone. */
export async function replayWebhook(sql: Sql, key: number): Promise<string | null> {
  const [row] = await sql<{ source: string }[]>`
    update webhook_events set status = 'received', next_attempt_at = now(), attempts = 0, reason = null
    where webhook_key = ${key} and body is not null returning source`;
  return row?.source ?? null;
}

/** Sources with webhooks that are due. */
export async function sourcesWithDueWebhooks(sql: Sql): Promise<string[]> {
  const rows = await sql<{ source: string }[]>`
    select distinct source from webhook_events where next_attempt_at <= now() order by source`;
  return rows.map((row) => row.source);
}
