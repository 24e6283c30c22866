import type { SellerCenterControl } from '../seller-center/control.ts';
import type { OpenInstallation } from './with-installation.ts';

/** What owners do with the seller center, on a running installation. */
export async function openSellerCenter({
  sql,
  config,
  installation,
}: OpenInstallation): Promise<SellerCenterControl> {
  const { createSellerCenterControl } = await import('../seller-center/control.ts');
  const { createDataKeys } = await import('../shops/data-keys.ts');
  const { openKeyRing } = await import('../servers/open-key-ring.ts');
  const keyRing = openKeyRing(installation.encryptionKeys, config.encryptionKeysDirectory);
  return createSellerCenterControl({ sql, dataKeys: createDataKeys(keyRing), config: config.sellerCenter });
}
