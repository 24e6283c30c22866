import { zoneAtNoon } from '../../simulator/testing/noon.ts';
import type { SyncRig } from './sync-rig.ts';

/** A shop on whose clocks it is about noon. */
export interface ShopAtNoon {
  tiktokShopId: string;
  /** The last day that TikTok calls ready. */
  lastReady: string;
}

/**
 * Gives a connected shop, at TikTok and here, a time zone in which it is about noon. At the shop's midnight another day
 * gets ready, figures settle and days are due again, whatever a test has just counted.
 */
export async function setToNoon(rig: SyncRig, shopId: string): Promise<ShopAtNoon> {
  const time_zone = zoneAtNoon();
  const { tiktok_shop_id: tiktokShopId } = await rig.api.patch<{ tiktok_shop_id: string }>(
    `/api/v1/shops/${shopId}`,
    { time_zone },
  );
  const { latest_available_date: lastReady } = await rig.control<{ latest_available_date: string }>(
    'POST',
    `/shops/${tiktokShopId}/analytics`,
    { time_zone },
  );
  return { tiktokShopId, lastReady };
}
