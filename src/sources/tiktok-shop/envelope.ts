import { createHash } from 'node:crypto';
import { parseExactJson } from './json.ts';

/** TikTok's wrapper around every answer (TikTok Shop Partner Center, "Common parameters"). */
export interface Envelope {
  code: number;
  /** Never decides success: its wording and casing vary. */
  message: string;
  requestId: string | null;
  data: unknown;
}

/** Reads a body as the envelope; null when it is empty, not JSON, or JSON of another shape. */
export function parseEnvelope(body: Buffer): Envelope | null {
  let value: unknown;
  try {
    value = parseExactJson(body.toString('utf8'));
  } catch (error) {
    // Pages of gateways and cut bodies end here; the caller judges them by the HTTP status.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null || !('code' in value)) return null;
  const code =
    typeof value.code === 'string' && /^\d{1,15}$/.test(value.code) ? Number(value.code) : value.code;
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) return null;
  return {
    code,
    message: 'message' in value && typeof value.message === 'string' ? value.message : '',
    requestId:
      'request_id' in value && typeof value.request_id === 'string' && value.request_id !== ''
        ? value.request_id.slice(0, 100)
        : null,
    data: 'data' in value ? value.data : null,
  };
}

export interface DecodedBody {
  /** Null when the body is no envelope. */
  envelope: Envelope | null;
  sha256: Uint8Array;
}

/** Reads an answer's body; big ones are worth another thread. The body is not to be used afterwards. */
export type DecodeBody = (body: Buffer) => Promise<DecodedBody>;

/** Reads it here and now. */
export function decodeBody(body: Uint8Array): DecodedBody {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { envelope: parseEnvelope(bytes), sha256: createHash('sha256').update(bytes).digest() };
}
