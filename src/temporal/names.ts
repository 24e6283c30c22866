import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { RunStream } from '../sync/types.ts';

/** One queue for everything: workers of any number serve it, priority and fairness keys keep shops apart. */
export const taskQueue = 'tideline';

/** Plain text in Temporal: ids only, never anything of a buyer. */
export const searchAttributes = {
  shopId: defineSearchAttributeKey('ShopId', SearchAttributeType.KEYWORD),
  stream: defineSearchAttributeKey('Stream', SearchAttributeType.KEYWORD),
  syncMode: defineSearchAttributeKey('SyncMode', SearchAttributeType.KEYWORD),
};

const syncWorkflows: Record<RunStream, string> = {
  orders: 'orderSync',
  products: 'productSync',
  analytics: 'analyticsBackfill',
  reconcile: 'reconciliation',
};

export function syncWorkflowType(stream: RunStream): string {
  return syncWorkflows[stream];
}

/** `orderSync/shop-1`: one id a shop and stream, so that two runs can never be on at once. */
export function syncWorkflowId(stream: RunStream, shopId: string): string {
  return `${syncWorkflows[stream]}/${shopId}`;
}

export const deliveryWorkflowType = 'conversionDelivery';

/** `conversionDelivery/tiktok`: one long-lived workflow a destination. */
export function deliveryWorkflowId(destinationId: string): string {
  return `${deliveryWorkflowType}/${destinationId}`;
}
