import { createHmac } from 'node:crypto';

export type PageTokenKind = 'stable' | 'shifting';

export interface PagePosition {
  kind: PageTokenKind;
  /** `stable`: time and number of the last row served. `shifting`: how many rows were served, in `offset`. */
  time: number;
  order: number;
  offset: number;
}

const key = 'simulator-page-token';

/** Packs a position into the opaque text that clients send back; it may hold `+`, `/` and `=` as the platform's does. */
export function encodePageToken(position: PagePosition, queryKey: string): string {
  const body = Buffer.alloc(14);
  body.writeUInt8(position.kind === 'stable' ? 0xfb : 0xfe, 0);
  body.writeUInt8(0xff, 1);
  body.writeUInt32BE(position.time, 2);
  body.writeUInt32BE(position.order, 6);
  body.writeUInt32BE(position.offset, 10);
  return Buffer.concat([body, seal(body, queryKey)]).toString('base64');
}

/** Unpacks a token; `null` for one that was never given out, or given out for another query. */
export function decodePageToken(token: string, queryKey: string): PagePosition | null {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length !== 22 || bytes.toString('base64') !== token) return null;
  const body = bytes.subarray(0, 14);
  if (!seal(body, queryKey).equals(bytes.subarray(14))) return null;
  return {
    kind: body.readUInt8(0) === 0xfb ? 'stable' : 'shifting',
    time: body.readUInt32BE(2),
    order: body.readUInt32BE(6),
    offset: body.readUInt32BE(10),
  };
}

function seal(body: Buffer, queryKey: string): Buffer {
  return createHmac('sha256', key).update(queryKey).update(body).digest().subarray(0, 8);
}
