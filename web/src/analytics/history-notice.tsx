import type { Shop, StreamStatus } from '../api-types.ts';
import { useRead } from '../use-read.ts';

/** Said above figures that are counted from the shop's orders, as long as not all of these are there. */
export function HistoryNotice({ shop }: { shop: Shop }) {
  const status = useRead<{ orders: StreamStatus }>(`api/sync/status?shop_id=${shop.id}`);
  if (status.data === null || status.data.orders.metadata.last_full_sync_at !== null) return null;
  return (
    <p className="notice warning">
      The whole history of this shop’s orders has not been read yet. These figures count the orders that are
      stored so far.
    </p>
  );
}
