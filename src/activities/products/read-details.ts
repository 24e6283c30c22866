import { loadRun } from '../../db/queries/runs.ts';
import { type DueDetail, listDueDetails, writeProductDetail } from '../../db/queries/write-products.ts';
import { ApiError } from '../../sources/tiktok-shop/errors.ts';
import { readProductDetail } from '../../sources/tiktok-shop/streams/products/index.ts';
import type { AnalyticsDependencies } from '../analytics/dependencies.ts';
import type { ActivityControl } from '../orders/dependencies.ts';

const detailsAtOnce = 200;
const parallelCalls = 8;

/**
 * Reads what the list of products leaves out, of every product that is new or has changed since. What was read is
 * stored one by one, so that an attempt that dies costs no more than the calls under way.
 */
export async function readDetails(
  dependencies: AnalyticsDependencies,
  control: ActivityControl,
  runId: string,
): Promise<void> {
  const { shopId } = await loadRun(dependencies.sql, runId);
  let read = 0;
  while (true) {
    const due = await listDueDetails(dependencies.sql, shopId, detailsAtOnce);
    if (due.length === 0) return;
    const lane = async (): Promise<void> => {
      for (let product = due.shift(); product !== undefined; product = due.shift()) {
        control.signal.throwIfAborted();
        await readDetail(dependencies, control, { shopId, runId, product });
        read += 1;
        control.heartbeat({ details: read });
      }
    };
    await Promise.all(Array.from({ length: parallelCalls }, lane));
  }
}

async function readDetail(
  { sql, client }: AnalyticsDependencies,
  { signal }: ActivityControl,
  { shopId, runId, product }: { shopId: string; runId: string; product: DueDetail },
): Promise<void> {
  const { productId } = product;
  try {
    const detail = await readProductDetail(client, { shopId, runId, productId, signal });
    await writeProductDetail(sql, shopId, product, detail);
  } catch (error) {
    // Deleted meanwhile, or not to be shown: the list keeps what is known of it.
    if (!(error instanceof ApiError) || error.kind !== 'invalid-request') throw error;
    await writeProductDetail(sql, shopId, product, null);
  }
}
