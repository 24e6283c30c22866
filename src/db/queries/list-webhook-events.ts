import { showWebhookId } from '../../webhooks/webhook-id.ts';
import type { Sql, Transaction } from '../pool.ts';
import type { WebhookStatus } from './webhook-events.ts';

export interface WebhookFilter {
  source: string | null;
  status: WebhookStatus | null;
  topic: string | null;
  /** RFC 3339; from inclusive, to exclusive. */
  from: string | null;
  to: string | null;
}

/** A webhook as lists show it: without its body. */
export interface WebhookRecord {
  webhook_key: number;
  source: string;
  source_id: string;
  topic: string;
  status: WebhookStatus;
  reason: string | null;
  receipts: number;
  attempts: number;
  next_attempt_at: Date | null;
  received_at: Date;
  processed_at: Date | null;
  replayable: boolean;
}

const columns = [
  ...['webhook_key', 'source', 'source_id', 'topic', 'status', 'reason', 'receipts', 'attempts'],
  ...['next_attempt_at', 'received_at', 'processed_at'],
];

function matching(sql: Sql | Transaction, { source, status, topic, from, to }: WebhookFilter) {
  return sql`
    (${source}::text is null or source = ${source}) and (${status}::text is null or status = ${status})
    and (${topic}::text is null or topic = ${topic})
    and (${from}::timestamptz is null or received_at >= ${from})
    and (${to}::timestamptz is null or received_at < ${to})`;
}

/** As the API shows it. */
export function showWebhook({ webhook_key, ...record }: WebhookRecord) {
  return {
    id: showWebhookId(webhook_key),
    ...record,
    next_attempt_at: record.next_attempt_at?.toISOString() ?? null,
    received_at: record.received_at.toISOString(),
    processed_at: record.processed_at?.toISOString() ?? null,
  };
}

/** Webhooks, newest first, after the one with the key `after`. */
export function listWebhooks(
  sql: Sql | Transaction,
  filter: WebhookFilter,
  { after, limit }: { after: number | null; limit: number },
): Promise<WebhookRecord[]> {
  return sql<WebhookRecord[]>`
    select ${sql(columns)}, body is not null as replayable from webhook_events
    where ${matching(sql, filter)} and (${after}::bigint is null or webhook_key < ${after})
    order by webhook_key desc limit ${limit}`;
}

export async function countWebhooks(sql: Sql | Transaction, filter: WebhookFilter): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from webhook_events where ${matching(sql, filter)}`;
  return row?.count ?? 0;
}
