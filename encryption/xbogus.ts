import { createHash } from 'node:crypto';
import { rc4 } from './rc4.ts';
import { shuffledBase64 } from './shuffled-base64.ts';

/** What is signed: the texts as they are sent. Cookies, path, host and method are not part of it. */
export interface SignedTexts {
  /** The query string before the signatures, without `?`. */
  query: string;
  /** Empty for none. */
  body: string;
  userAgent: string;
}

/** What a token says of the browser that made it. */
export interface BrowserMarks {
  /** 0 to 65535; 1 for a page in its normal state. */
  envcode: number;
  /** 0 to 255; says what the visitor has done on the page. */
  ubcode: number;
  /** The browser's canvas fingerprint, an unsigned 32-bit number. */
  canvas: number;
}

export interface XBogusInput extends SignedTexts, BrowserMarks {
  /** Unix time in seconds. */
  seconds: number;
}

const alphabet = 'Dkdpgh4ZKsQB80/Mfvw36XI1R25-WUAlEi7NLboqYTOPuzmFjJnryx9HVGcaStCe';
const lead = 0x40;
const version = 0x02;
const outerKey = 0xff;

/** The query parameter `X-Bogus` of TikTok's web applications: always 28 characters. */
export function xBogus({ query, body, userAgent, seconds, envcode, ubcode, canvas }: XBogusInput): string {
  const key = Buffer.of(envcode >>> 8, envcode, ubcode);
  const agent = rc4(key, Buffer.from(userAgent)).toString('base64');
  const message = Buffer.concat([
    Buffer.of(lead),
    key,
    lastTwo(md5(md5(query))),
    lastTwo(md5(md5(body))),
    lastTwo(md5(agent)),
    bigEndian(seconds),
    bigEndian(canvas),
  ]);
  const checksum = message.reduce((sum, byte) => sum ^ byte, 0);
  const sealed = rc4(Buffer.of(outerKey), Buffer.concat([message, Buffer.of(checksum)]));
  return shuffledBase64(Buffer.concat([Buffer.of(version, outerKey), sealed]), alphabet);
}

function md5(input: string | Buffer): Buffer {
  return createHash('md5').update(input).digest();
}

function lastTwo(hash: Buffer): Buffer {
  return hash.subarray(14);
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
