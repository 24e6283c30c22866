import { type ApiCallFilter, countApiCalls, listApiCalls } from '../../db/queries/api-calls.ts';
import { type AuditFilter, countAudit, listAudit } from '../../db/queries/audit-log.ts';
import {
  countWebhooks,
  listWebhooks,
  showWebhook,
  type WebhookFilter,
} from '../../db/queries/list-webhook-events.ts';
import type { ShopScope } from '../../db/queries/shop-scope.ts';
import type { Listing } from '../listing.ts';
import { inPages } from './in-pages.ts';

/** Calls to TikTok; the filter says of which shops. */
export const apiCallListing: Listing<ApiCallFilter, ShopScope | null> = {
  name: 'api-calls',
  count: (_, tx, filter) => countApiCalls(tx, filter),
  rows: (_, tx, filter) =>
    inPages(
      (after: number | null, limit) => listApiCalls(tx, filter, { after, limit }),
      ({ id }) => Number(id),
      (call) => call,
    ),
};

/** Who did what. */
export const auditListing: Listing<AuditFilter, null> = {
  name: 'audit-log',
  count: (_, tx, filter) => countAudit(tx, filter),
  rows: (_, tx, filter) =>
    inPages(
      (after: number | null, limit) => listAudit(tx, filter, { after, limit }),
      ({ id }) => Number(id),
      (entry) => entry,
    ),
};

/** Webhooks and what became of them. */
export const webhookListing: Listing<WebhookFilter, null> = {
  name: 'webhook-events',
  count: (_, tx, filter) => countWebhooks(tx, filter),
  rows: (_, tx, filter) =>
    inPages(
      (after: number | null, limit) => listWebhooks(tx, filter, { after, limit }),
      (record) => record.webhook_key,
      showWebhook,
    ),
};
