import type { ConversionConfig } from '../config-conversions.ts';
import type { FindKind } from '../conversions/destinations.ts';
import type { ConversionKey } from '../conversions/seal.ts';
import type { Sql } from '../db/pool.ts';
import type { HttpClient } from '../http/request.ts';
import type { AccessTokens } from './access-tokens.ts';

/** What people do with destinations and deliveries needs this; delivering itself is the worker's. */
export interface DeliveryTools {
  sql: Sql;
  conversionKey: ConversionKey;
  findKind: FindKind;
  config: ConversionConfig;
  /** For test events only: everything else is sent by a worker. */
  http: HttpClient;
  tokens: AccessTokens;
  /** Soon has a worker look for deliveries of these destinations; never throws. */
  wake(destinationIds: readonly string[]): void;
}
