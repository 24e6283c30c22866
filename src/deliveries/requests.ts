import type { Sql } from '../db/pool.ts';
import type { DataKey } from '../shops/data-keys.ts';
import type { Claim } from './claims.ts';
import { openEvidence, sealEvidence } from './evidence.ts';

/** Thrown where another activity has begun to deliver for the destination: this one has nothing to say any more. */
export class ClaimLost extends Error {}

export interface RequestRecord {
  deliveryIds: readonly number[];
  mappingVersion: number;
  path: string;
  /** Null for requests without one. */
  body: string | null;
}

/**
 * Writes down what is about to be sent, so that nothing is ever sent without a trace.
 *
 * @returns its key
 * @throws ClaimLost when the claim has been taken over
 */
export async function recordRequest(
  sql: Sql,
  key: DataKey,
  { destinationId, claim }: Claim,
  record: RequestRecord,
): Promise<number> {
  const body =
    record.body === null
      ? null
      : await sealEvidence(key, record.body, { side: 'request', destinationId, claim });
  const [row] = await sql<{ request_key: number }[]>`
    insert into delivery_requests
      (destination_id, claim, deliveries, sent_at, mapping_version, request_path, request_body)
    select destination_id, claim, ${`{${record.deliveryIds.join(',')}}`}::text::bigint[], now(),
      ${record.mappingVersion}, ${record.path}, ${body}
    from destinations where destination_id = ${destinationId} and claim = ${claim} for share
    returning request_key`;
  if (row === undefined) throw new ClaimLost('Another activity delivers for this destination.');
  return row.request_key;
}

export interface AwaitedRequest {
  platformRequestId: string;
  requestBody: string;
  /** Of the deliveries asked for, their places in the request. */
  positions: ReadonlyMap<number, number>;
}

/** A request whose result the platform tells later; null when its evidence is gone. */
export async function loadAwaitedRequest(
  sql: Sql,
  key: DataKey,
  requestKey: number,
): Promise<AwaitedRequest | null> {
  const [row] = await sql<
    {
      destination_id: string;
      claim: number;
      request_body: Buffer | null;
      platform_request_id: string | null;
    }[]
  >`
    select destination_id, claim, request_body, platform_request_id from delivery_requests
    where request_key = ${requestKey}`;
  if (row === undefined || row.request_body === null || row.platform_request_id === null) return null;
  const places = await sql<{ delivery_id: number; position: number }[]>`
    select delivery_id, position from delivery_attempts where request_key = ${requestKey}`;
  const owner = { side: 'request', destinationId: row.destination_id, claim: row.claim } as const;
  return {
    platformRequestId: row.platform_request_id,
    requestBody: await openEvidence(key, row.request_body, owner),
    positions: new Map(places.map(({ delivery_id, position }) => [delivery_id, position])),
  };
}
