import { createHash } from 'node:crypto';
import { shuffledBase64 } from './shuffled-base64.ts';
import type { BrowserMarks, SignedTexts } from './xbogus.ts';
import { littleEndian, xGnarlyCipher } from './xgnarly-cipher.ts';

export type SdkVersion = '5.1.0' | '5.1.1';

export interface XGnarlyInput extends SignedTexts, BrowserMarks {
  /** Unix time in milliseconds. */
  milliseconds: number;
  sdkVersion: SdkVersion;
  /** Where field 0 stands: behind all others, or before them. */
  fieldOrder: 'zero_last' | 'ascending';
  /** Twelve random words of 32 bits: the key, which travels inside the token. */
  keyWords: readonly number[];
}

type Field = readonly [number: number, value: number | string];

const alphabet = 'u09tbS3UvgDEe6r-ZVMXzLpsAohTn7mdINQlW412GqBjfYiyk8JORCF5/xKHwacP';
const lead = 0x4b;
/** Smaller integers take two bytes: 255 squared, where 256 squared was meant. */
export const twoByteBound = 65_025;

/**
 * The query parameter `X-Gnarly` of TikTok's web applications: 268 characters of version 5.1.0, 300 of 5.1.1. About
 * one in ten thousand is shorter; see {@link isWhole}.
 */
export function xGnarly(input: XGnarlyInput): string {
  if (input.keyWords.length !== 12) throw new RangeError('A key has twelve words.');
  const cipherText = xGnarlyCipher(input.keyWords, plainText(fieldsOf(input), input.fieldOrder));
  const key = littleEndian(Uint32Array.from(input.keyWords));
  const keyAt = (sum(key) + sum(cipherText)) % (cipherText.length + 1);
  const envelope = [Buffer.of(lead), cipherText.subarray(0, keyAt), key, cipherText.subarray(keyAt)];
  return shuffledBase64(Buffer.concat(envelope), alphabet);
}

/**
 * Whether a token can be opened. A field that is small by chance shortens the plain text, and then the last bytes
 * fall out of the base64: another moment gives another token.
 */
export function isWhole(token: string, sdkVersion: SdkVersion): boolean {
  return token.length === (sdkVersion === '5.1.0' ? 268 : 300);
}

function fieldsOf({ query, body, userAgent, milliseconds, ...input }: XGnarlyInput): Field[] {
  const fields: Field[] = [
    [1, input.envcode],
    [2, input.ubcode],
    [3, md5(query)],
    [4, md5(body)],
    [5, md5(userAgent)],
    [6, Math.floor(milliseconds / 1000) >>> 0],
    [7, input.canvas],
    [8, (milliseconds * 1000) % 2 ** 31],
    [9, input.sdkVersion],
  ];
  if (input.sdkVersion === '5.1.1') {
    fields.push([10, '1.0.0.314'], [11, 1]);
    fields.push([12, exclusiveOr(fields.map(([, value]) => wordOf(value)))]);
  }
  const integers = fields.flatMap(([, value]) => (typeof value === 'number' ? [value] : []));
  return [...fields, [0, exclusiveOr(integers)]];
}

/** The number of fields, then each as its number, the length of its value, and the value. */
function plainText(fields: readonly Field[], order: XGnarlyInput['fieldOrder']): Buffer {
  const ordered = order === 'ascending' ? fields.toSorted(([left], [right]) => left - right) : fields;
  const parts = ordered.flatMap(([number, value]) => {
    const bytes = typeof value === 'number' ? integerBytes(value) : Buffer.from(value);
    return [Buffer.of(number), integerBytes(bytes.length), bytes];
  });
  return Buffer.concat([Buffer.of(fields.length), ...parts]);
}

function integerBytes(value: number): Buffer {
  const bytes = Buffer.alloc(value < twoByteBound ? 2 : 4);
  bytes.writeUIntBE(value, 0, bytes.length);
  return bytes;
}

/** A text counts as its first four bytes. */
function wordOf(value: number | string): number {
  return typeof value === 'number' ? value : Buffer.from(value).readUInt32BE();
}

function exclusiveOr(words: readonly number[]): number {
  return words.reduce((result, word) => result ^ word, 0) >>> 0;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function sum(bytes: Buffer): number {
  return bytes.reduce((total, byte) => total + byte, 0);
}
