import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DataKey } from '../shops/data-keys.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);
/** Far above any answer that is accepted and any batch that is made. */
const largestBytes = 64 * 1024 * 1024;

/** Which side of an exchange, and whose. */
export interface EvidenceOwner {
  side: 'request' | 'response';
  destinationId: string;
  claim: number;
}

/** The exact text, compressed and sealed: even hashed, who somebody is may be found out of it. */
export async function sealEvidence(key: DataKey, text: string, owner: EvidenceOwner): Promise<Buffer> {
  return key.encrypt(await compress(text, { level: 1 }), contextOf(owner));
}

/** @throws TidelineError for the operator when it was changed or moved */
export async function openEvidence(key: DataKey, sealed: Buffer, owner: EvidenceOwner): Promise<string> {
  const text = await decompress(key.decrypt(sealed, contextOf(owner)), { maxOutputLength: largestBytes });
  return text.toString('utf8');
}

function contextOf({ side, destinationId, claim }: EvidenceOwner) {
  return { purpose: `delivery-${side}`, owner: `${destinationId}/${claim}` };
}
