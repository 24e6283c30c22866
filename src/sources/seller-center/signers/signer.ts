import type { SignerSettings } from '../connection.ts';

export interface SignerInput {
  method: 'POST';
  /** Of the seller center, without a path. */
  origin: string;
  path: string;
  /** Without `?`; it is sent exactly so. */
  query: string;
  body: string;
  userAgent: string;
  /** Unix time in milliseconds. */
  nowMs: number;
  /** As many random unsigned 32-bit numbers. */
  randomWords(count: number): number[];
  settings: SignerSettings;
}

export interface SignerResult {
  /** Appended to the query in this order and as they are: values have to be encoded already. */
  append: readonly (readonly [name: string, value: string])[];
  headers?: Readonly<Record<string, string>>;
}

/**
 * Signs requests. Time and chance come from outside: a signer reads neither clock nor random numbers, asks no network
 * and never sees the cookie.
 */
export interface Signer {
  /** Such as `builtin:seed-5.1.1`; it is kept with what was read. */
  id: string;
  sign(input: SignerInput): SignerResult | Promise<SignerResult>;
}

/** The starting setting: public clients of 2026 read with the session alone. */
export const noSigner: Signer = { id: 'none', sign: () => ({ append: [] }) };
