import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { KeyRing } from './key-ring.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const encoding = 'binary/encrypted';
const keyIdField = 'encryption-key-id';
const purpose = 'temporal-payload';

export interface PayloadCodecOptions {
  keyRing: KeyRing;
  /** Bound to each payload: one that was moved to another namespace does not open. */
  namespace: string;
  /** Whether new payloads are encrypted; those that are encrypted are opened in either case. */
  encrypts: boolean;
}

/**
 * Encrypts Temporal payloads whole, metadata included, with AES-256-GCM under keys derived from the key ring. Payloads
 * in clear pass when they are read, so that it can be switched on and off while workflows run.
 */
export function createPayloadCodec({ keyRing, namespace, encrypts }: PayloadCodecOptions): PayloadCodec {
  const keys = keyRing.deriveFor(purpose);
  const context = { purpose, owner: namespace };
  return {
    async encode(payloads) {
      return encrypts ? payloads.map((payload) => seal(payload, keys, context)) : payloads;
    },
    async decode(payloads) {
      return payloads.map((payload) => (isSealed(payload) ? open(payload, keys, context) : payload));
    },
  };
}

type Context = Parameters<KeyRing['wrap']>[1];

function seal(payload: Payload, keys: KeyRing, context: Context): Payload {
  const plaintext = Buffer.from(PayloadMessage.encode(payload).finish());
  return {
    metadata: { encoding: Buffer.from(encoding), [keyIdField]: Buffer.from(keys.newestKeyId) },
    data: keys.wrap(plaintext, context),
  };
}

/** Throws TidelineError for the operator when the key is unknown or the payload was changed. */
function open(payload: Payload, keys: KeyRing, context: Context): Payload {
  return PayloadMessage.decode(keys.unwrap(Buffer.from(payload.data ?? []), context));
}

function isSealed({ metadata }: Payload): boolean {
  return metadata?.encoding != null && Buffer.from(metadata.encoding).toString() === encoding;
}
