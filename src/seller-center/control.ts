import type { Sql } from '../db/pool.ts';
import type { DataKeys } from '../shops/data-keys.ts';
import { findModule } from '../sources/seller-center/signers/load-signer.ts';
import {
  changeConnection,
  connectSellerCenter,
  disconnectSellerCenter,
  readConnection,
} from './connections.ts';
import { requireConnection } from './require-connection.ts';
import { seedConnection } from './seed-connection.ts';
import {
  type SellerCenterChanges,
  type SellerCenterConfig,
  type SellerCenterRecord,
  type SellerCenterSession,
  signerPlaces,
} from './settings.ts';

/** What owners do with the seller-center source of a shop; shared by API and command line. Asks TikTok nothing. */
export interface SellerCenterControl {
  read(shopId: string): Promise<SellerCenterRecord>;
  /** Throws TidelineError 400 when the session is none, or the signer cannot be used. */
  connect(
    shopId: string,
    session: SellerCenterSession,
    changes: SellerCenterChanges,
  ): Promise<SellerCenterRecord>;
  /** Throws TidelineError 409 when it is off, 400 when the signer cannot be used. */
  change(shopId: string, changes: SellerCenterChanges): Promise<SellerCenterRecord>;
  /** Forgets the session. Done twice it changes nothing. */
  disconnect(shopId: string): Promise<void>;
  /** Throws TidelineError 409 when the source cannot be asked for data. */
  require(shopId: string): Promise<void>;
}

export function createSellerCenterControl(parts: {
  sql: Sql;
  dataKeys: DataKeys;
  config: SellerCenterConfig;
}): SellerCenterControl {
  const { sql, dataKeys, config } = parts;
  const read = async (shopId: string): Promise<SellerCenterRecord> => {
    await seedConnection(sql, dataKeys, config, shopId);
    return readConnection(sql, shopId, config);
  };
  // That it loads is found out by the worker: code of somebody else has no place in other processes.
  const refuseSigner = async ({ signer }: SellerCenterChanges): Promise<void> => {
    if (signer === undefined || signer === 'none' || signer === 'builtin') return;
    await findModule(signer, signerPlaces(config));
  };
  return {
    read,
    async connect(shopId, session, changes) {
      await refuseSigner(changes);
      await connectSellerCenter({ sql, dataKeys, config, shopId, session, changes });
      return readConnection(sql, shopId, config);
    },
    async change(shopId, changes) {
      await refuseSigner(changes);
      await changeConnection(sql, shopId, changes, config);
      return readConnection(sql, shopId, config);
    },
    async disconnect(shopId) {
      await disconnectSellerCenter(sql, shopId);
    },
    async require(shopId) {
      await requireConnection(parts, shopId);
    },
  };
}
