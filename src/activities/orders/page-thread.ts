import { toOrderRows } from '../../db/queries/order-rows.ts';
import type { DecodedBody } from '../../sources/tiktok-shop/envelope.ts';
import { decodeOrderPage } from '../../sources/tiktok-shop/streams/orders/index.ts';

/** What a page thread does: a body in, rows out. */
export default function decodePage(body: Uint8Array): DecodedBody {
  return decodeOrderPage(body, toOrderRows);
}
