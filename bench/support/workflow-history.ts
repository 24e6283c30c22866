import type { Client } from '@temporalio/client';

interface PayloadLike {
  data?: Uint8Array | null;
}

/** Walks an event for everything that looks like a payload and returns the largest one's bytes. */
function largestPayloadIn(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  const { data } = value as PayloadLike;
  const own = data instanceof Uint8Array ? data.length : 0;
  return Object.values(value).reduce<number>(
    (largest, part) => Math.max(largest, largestPayloadIn(part)),
    own,
  );
}

/** Events of a workflow's latest execution, and its largest payload in bytes. */
export async function historySize(
  temporal: Client,
  workflowId: string,
): Promise<{ events: number; largestPayload: number }> {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  return { events: events?.length ?? 0, largestPayload: largestPayloadIn(events ?? []) };
}
