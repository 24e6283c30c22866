import { GroupCommit } from '../conversions/group-commit.ts';
import type { ConversionKey } from '../conversions/seal.ts';
import { isPassingDatabaseTrouble } from '../db/passing-trouble.ts';
import type { Sql } from '../db/pool.ts';
import { toHex } from '../db/queries/insert-conversions.ts';
import { insertWebhooks, type WebhookRow } from '../db/queries/webhook-events.ts';
import { createWebhookReaders, type WebhookSecrets, type WebhookSource, webhookSources } from './sources.ts';

export type Receipt = 'stored' | 'unsigned' | 'malformed';

export interface WebhookInbox {
  /** Resolves with `stored` once the webhook is durable; whatever is not signed is not even looked at. */
  receive(
    source: WebhookSource,
    body: Buffer,
    header: (name: string) => string | undefined,
  ): Promise<Receipt>;
  /** How many were refused by this process for their signature, of each source. */
  refused: ReadonlyMap<WebhookSource, number>;
}

export interface WebhookInboxOptions {
  sql: Sql;
  conversionKey: ConversionKey;
  secrets: WebhookSecrets;
  /** Told after the commit which sources have something to work on; must not throw. */
  wake(sources: readonly WebhookSource[]): void;
}

const mostRows = 500;

/** Takes webhooks in; what comes at the same time is committed together. */
export function createWebhookInbox({ sql, conversionKey, secrets, wake }: WebhookInboxOptions): WebhookInbox {
  const readers = createWebhookReaders(secrets);
  const refused = new Map<WebhookSource, number>(webhookSources.map((source) => [source, 0]));
  const queues = new Map(
    webhookSources.map((source) => [
      source,
      new GroupCommit<WebhookRow, null>({
        async commit(groups) {
          await insertWebhooks(sql, merge(groups.flat()), readers[source].looksAgain);
          return groups.map(() => null);
        },
        mostRows,
        // Two at once would wait for each other's rows when the same webhook comes often.
        transactions: 1,
        concernsAll: isPassingDatabaseTrouble,
      }),
    ]),
  );
  return {
    refused,
    async receive(source, body, header) {
      const reader = readers[source];
      if (!reader.isSigned(body, header, Date.now() / 1_000)) {
        refused.set(source, (refused.get(source) ?? 0) + 1);
        return 'unsigned';
      }
      const facts = reader.read(body);
      if (facts === null) return 'malformed';
      const key = await conversionKey();
      const sourceId = facts.id ?? key.fingerprint(body.toString('latin1'), 'webhook-body').toString('hex');
      const sealed = key.encrypt(body, webhookContext(source, sourceId));
      await queues.get(source)?.submit([
        {
          source,
          source_id: sourceId,
          topic: facts.topic,
          body: toHex(sealed),
          patience: facts.patience,
          receipts: 1,
        },
      ]);
      wake([source]);
      return 'stored';
    },
  };
}

/** What the sealed body of a webhook is bound to. */
export function webhookContext(source: string, sourceId: string) {
  return { purpose: 'webhook-event', owner: JSON.stringify([source, sourceId]) };
}

/** One statement cannot write a row twice. */
function merge(rows: readonly WebhookRow[]): WebhookRow[] {
  const merged = new Map<string, WebhookRow>();
  for (const row of rows) {
    const known = merged.get(row.source_id);
    merged.set(row.source_id, { ...row, receipts: row.receipts + (known?.receipts ?? 0) });
  }
  return [...merged.values()];
}
