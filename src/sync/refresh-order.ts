import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { OrderToRefresh } from '../activities/orders/refresh-order.ts';
import { TidelineError } from '../errors.ts';
import { wait } from '../http/wait.ts';
import { taskQueue } from '../temporal/names.ts';
import type { OrderRefreshTrouble } from '../workflows/order-refresh.ts';

/** Longer than the workflow tries. */
const patienceMs = 25_000;

/**
 * Lets a worker read one order again, and waits until it is stored. Who asks meanwhile waits for the same reading.
 *
 * @throws TidelineError 404 when TikTok has no such order, 409 when the shop's access has ended, 502 with TikTok's
 * request id when TikTok did not answer well, 503 when no worker or no database was there to do it
 */
export async function refreshOrder(temporal: Client, order: OrderToRefresh): Promise<void> {
  const handle = await temporal.workflow.start('orderRefresh', {
    workflowId: `orderRefresh/${order.shopId}/${order.orderId}`,
    taskQueue,
    args: [order],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowExecutionTimeout: patienceMs,
    priority: { fairnessKey: order.shopId },
  });
  const patience = new AbortController();
  try {
    const trouble = await Promise.race([
      handle.result() as Promise<OrderRefreshTrouble | null>,
      wait(patienceMs, patience.signal).then(() => Promise.reject(notRead())),
    ]);
    if (trouble !== null) throw toError(trouble);
  } catch (error) {
    // A worker that died or hung leaves no word of what happened.
    throw error instanceof WorkflowFailedError ? notRead(error) : error;
  } finally {
    patience.abort();
  }
}

const statuses: Record<string, number> = {
  'order-not-found': 404,
  'database-unavailable': 503,
  'erasure-going-on': 503,
};

function toError({ kind, error }: OrderRefreshTrouble): TidelineError {
  const status = kind === 'disconnected' ? 409 : (statuses[error.code] ?? 502);
  const reference = error.request_id === null ? '' : ` TikTok's request id is ${error.request_id}.`;
  return new TidelineError({
    code: error.code,
    message: `${error.title}${reference}`,
    ...(error.action === null ? {} : { action: error.action }),
    actor: status < 500 ? 'user' : 'retry',
    status,
  });
}

function notRead(cause?: unknown): TidelineError {
  return new TidelineError({
    code: 'order-not-read',
    message: 'No worker has read the order.',
    action: 'Check that a worker runs, and try again.',
    actor: 'retry',
    cause,
  });
}
