import { readUpstream, type UpstreamRow } from '../../../simulator/checker/sides.ts';
import type { FaultRig } from './fault-rig.ts';

/** Every element of a list of the API, page after page. */
export async function readList<Element>(rig: FaultRig, path: string): Promise<Element[]> {
  const elements: Element[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await rig.api.get<{ data: Element[]; next_cursor: string | null }>(
      `${path}?limit=100${after}`,
    );
    elements.push(...page.data);
    cursor = page.next_cursor;
  }
  return elements;
}

/** What upstream holds of a shop, in byte order of the ids. */
export async function readTruth(rig: FaultRig, shopId = 'shop-1'): Promise<UpstreamRow[]> {
  const [shop] = await rig.sql<{ id: string }[]>`
    select tiktok_shop_id as id from shops where shop_id = ${shopId}`;
  const orders: UpstreamRow[] = [];
  for await (const order of readUpstream(rig.simulator.address.controlUrl, shop?.id ?? ''))
    orders.push(order);
  return orders;
}
