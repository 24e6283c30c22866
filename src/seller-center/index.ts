import type { Sql } from '../db/pool.ts';
import type { HttpClient } from '../http/request.ts';
import type { DataKeys } from '../shops/data-keys.ts';
import { regionDefaults } from '../shops/regions.ts';
import { parkingCodes } from '../sources/seller-center/classify.ts';
import { createSellerCenterClient } from '../sources/seller-center/client.ts';
import type { SellerCenterConnection } from '../sources/seller-center/connection.ts';
import { type ProductDay, readProductDay } from '../sources/seller-center/read-product-day.ts';
import { loadSigner } from '../sources/seller-center/signers/load-signer.ts';
import { ApiError } from '../sources/tiktok-shop/errors.ts';
import type { CallLog } from '../sources/tiktok-shop/ports.ts';
import { baseUrlOf, type ConnectionRow, openSession, parkSellerCenter } from './connections.ts';
import { createPace } from './pace.ts';
import { requireConnection } from './require-connection.ts';
import { type SellerCenterConfig, signerPlaces } from './settings.ts';

export interface SellerCenterOptions {
  sql: Sql;
  dataKeys: DataKeys;
  http: HttpClient;
  callLog: CallLog;
  config: SellerCenterConfig;
  /** Least time between two requests of a shop, milliseconds; tests take none. */
  gapMs?: number;
}

export interface SellerCenter {
  /**
   * Reads the products of one day of a shop with its owner's session. One day at a time: two at once would be two
   * requests at once.
   *
   * @throws TidelineError; `endsSellerCenterRun` tells those after which no other day would do better. A dead session and a
   * human check have parked the source by then.
   */
  readDay(day: {
    shopId: string;
    runId: string | null;
    date: string;
    signal: AbortSignal;
  }): Promise<ProductDay>;
}

export function createSellerCenter(options: SellerCenterOptions): SellerCenter {
  const { sql, dataKeys, http, callLog, config, gapMs } = options;
  const client = createSellerCenterClient({ http, callLog, pace: createPace(sql, gapMs) });
  return {
    async readDay({ shopId, runId, date, signal }) {
      const row = await requireConnection({ sql, dataKeys, config }, shopId);
      const signer = await loadSigner(row, signerPlaces(config));
      const connection = await openConnection(sql, dataKeys, row, config);
      const call = { shopId, runId, connection, signer, signerSettings: row.signer_settings, date, signal };
      try {
        return await readProductDay(client, call);
      } catch (error) {
        if (error instanceof ApiError && parkingCodes.includes(error.code)) {
          await parkSellerCenter(sql, row, error);
        }
        throw error;
      }
    },
  };
}

async function openConnection(
  sql: Sql,
  dataKeys: DataKeys,
  row: ConnectionRow,
  config: SellerCenterConfig,
): Promise<SellerCenterConnection> {
  const [shop] = await sql<{ region: string; time_zone: string }[]>`
    select region, time_zone from shops where shop_id = ${row.shop_id}`;
  const { region = '', time_zone: timeZone = '+00:00' } = shop ?? {};
  const { cookie, fp } = await openSession(sql, dataKeys, row);
  return {
    baseUrl: await baseUrlOf(sql, row, config),
    path: row.path,
    sellerId: row.seller_id,
    ...{ cookie, fp, region },
    userAgent: row.user_agent,
    locale: row.locale,
    timeZoneName: zoneNames[region.toUpperCase()] ?? 'UTC',
    // The seller center counts by a fixed offset; a zone with daylight saving would ask for other days than it has.
    timeZoneOffset: offsetSeconds(timeZone) ?? offsetSeconds(regionDefaults(region).timeZone) ?? 0,
  };
}

/** What a browser of a seller there would say. */
const zoneNames: Readonly<Record<string, string>> = {
  ...{ US: 'America/Los_Angeles', MX: 'America/Mexico_City', GB: 'Europe/London', ID: 'Asia/Jakarta' },
  ...{ TH: 'Asia/Bangkok', VN: 'Asia/Ho_Chi_Minh', MY: 'Asia/Kuala_Lumpur', SG: 'Asia/Singapore' },
  ...{ PH: 'Asia/Manila', JP: 'Asia/Tokyo', BR: 'America/Sao_Paulo' },
};

/** Of `-08:00`; null for a name. */
function offsetSeconds(timeZone: string): number | null {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(timeZone) ?? [];
  if (sign === undefined) return null;
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return sign === '-' ? -seconds : seconds;
}
