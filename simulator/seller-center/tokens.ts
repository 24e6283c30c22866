import { createHash } from 'node:crypto';

/**
 * Opens the signatures X-Bogus and X-Gnarly as the site has to, to see whether they belong to a request. Written from the
 * format alone, apart from the code that makes them, so that the two cannot be wrong together.
 */

/** What is signed, as it came over the wire. */
export interface SignedRequest {
  /** The query before the signatures. */
  query: string;
  body: string;
  userAgent: string;
}

/** What an opened token says of the browser that made it. */
export interface OpenedToken {
  /** Unix seconds. */
  seconds: number;
  envcode: number;
  ubcode: number;
  canvas: number;
}

const bogusAlphabet = 'Dkdpgh4ZKsQB80/Mfvw36XI1R25-WUAlEi7NLboqYTOPuzmFjJnryx9HVGcaStCe';
const gnarlyAlphabet = 'u09tbS3UvgDEe6r-ZVMXzLpsAohTn7mdINQlW412GqBjfYiyk8JORCF5/xKHwacP';

/** @returns what the token says; a string says why it is not one of this request */
export function openXBogus(token: string, request: SignedRequest): OpenedToken | string {
  const bytes = fromAlphabet(token, bogusAlphabet);
  if (bytes === null || bytes.length !== 21) return 'X-Bogus is no token';
  const plain = rc4(bytes.subarray(1, 2), bytes.subarray(2));
  if (plain[0] !== 0x40) return 'X-Bogus does not begin right';
  if (plain.subarray(0, 18).reduce((sum, byte) => sum ^ byte, 0) !== plain[18]) return 'X-Bogus is damaged';
  const key = plain.subarray(1, 4);
  const tails = [
    md5(md5(request.query)),
    md5(md5(request.body)),
    md5(rc4(key, Buffer.from(request.userAgent)).toString('base64')),
  ].map((hash) => hash.subarray(14));
  if (!Buffer.concat(tails).equals(plain.subarray(4, 10))) return 'X-Bogus is of another request';
  return {
    seconds: plain.readUInt32BE(10),
    envcode: key.readUInt16BE(0),
    ubcode: key.readUInt8(2),
    canvas: plain.readUInt32BE(14),
  };
}

/** @returns what the token says; a string says why it is not one of this request */
export function openXGnarly(token: string, request: SignedRequest): OpenedToken | string {
  const raw = fromAlphabet(token, gnarlyAlphabet);
  if (raw === null || raw.length < 60 || raw[0] !== 0x4b) return 'X-Gnarly is no token';
  const cipherLength = raw.length - 49;
  const at = 1 + (sumOf(raw.subarray(1)) % (cipherLength + 1));
  const key = raw.subarray(at, at + 48);
  const cipher = Buffer.concat([raw.subarray(1, at), raw.subarray(at + 48)]);
  const fields = readFields(decrypt(key, cipher));
  if (typeof fields === 'string') return fields;
  const texts = [request.query, request.body, request.userAgent].map((text) => md5(text).toString('hex'));
  if (texts.some((text, nth) => fields.get(3 + nth)?.toString('latin1') !== text))
    return 'X-Gnarly is of another request';
  const number = (field: number): number => integerOf(fields.get(field) ?? Buffer.alloc(0));
  let sum = 0;
  for (const [field, value] of fields)
    if (field > 0 && value.length <= 4) sum ^= isText(field) ? 0 : integerOf(value);
  if (sum >>> 0 !== number(0)) return 'X-Gnarly is damaged';
  return { seconds: number(6), envcode: number(1), ubcode: number(2), canvas: number(7) };
}

function isText(field: number): boolean {
  return (field >= 3 && field <= 5) || field === 9 || field === 10;
}

/** Number, length in two bytes, value; the count of fields comes first. */
function readFields(plain: Buffer): Map<number, Buffer> | string {
  const fields = new Map<number, Buffer>();
  let at = 1;
  for (let left = plain[0] ?? 0; left > 0; left -= 1) {
    if (at + 3 > plain.length) return 'X-Gnarly ends too early';
    const length = plain.readUInt16BE(at + 1);
    fields.set(plain.readUInt8(at), plain.subarray(at + 3, at + 3 + length));
    at += 3 + length;
  }
  return at === plain.length ? fields : 'X-Gnarly holds more than its fields';
}

function integerOf(bytes: Buffer): number {
  return bytes.length === 0 ? 0 : bytes.readUIntBE(0, Math.min(4, bytes.length));
}

const stateHead = [1196819126, 600974999, 3863347763, 1451689750];
/** Not those of ChaCha: its last two diagonals are exchanged in part. */
const columns = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
] as const;
const diagonals = [
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 12, 13],
  [3, 4, 13, 14],
] as const;

function decrypt(key: Buffer, cipher: Buffer): Buffer {
  const words = Array.from({ length: 12 }, (_, nth) => key.readUInt32LE(nth * 4));
  const rounds = 5 + (words.reduce((sum, word) => sum + (word & 15), 0) & 15);
  const state = Uint32Array.from([...stateHead, ...words]);
  const plain = Buffer.from(cipher);
  for (let start = 0; start < plain.length; start += 64) {
    const block = Uint32Array.from(state);
    for (let round = 0; round < rounds; round += 1)
      for (const [a, b, c, d] of round % 2 === 0 ? columns : diagonals) quarterRound(block, a, b, c, d);
    for (let nth = 0; nth < 64 && start + nth < plain.length; nth += 1) {
      const word = ((block[nth >>> 2] ?? 0) + (state[nth >>> 2] ?? 0)) >>> 0;
      plain[start + nth] = (plain[start + nth] ?? 0) ^ ((word >>> (8 * (nth & 3))) & 0xff);
    }
    state[12] = (state[12] ?? 0) + 1;
  }
  return plain;
}

function quarterRound(words: Uint32Array, a: number, b: number, c: number, d: number): void {
  const step = (to: number, from: number, mixed: number, bits: number): void => {
    words[to] = (words[to] ?? 0) + (words[from] ?? 0);
    const value = (words[mixed] ?? 0) ^ (words[to] ?? 0);
    words[mixed] = (value << bits) | (value >>> (32 - bits));
  };
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
}

function rc4(key: Buffer, input: Buffer): Buffer {
  const box = Uint8Array.from({ length: 256 }, (_, nth) => nth);
  const swap = (left: number, right: number): void => {
    const kept = box[left] ?? 0;
    box[left] = box[right] ?? 0;
    box[right] = kept;
  };
  for (let nth = 0, other = 0; nth < 256; nth += 1) {
    other = (other + (box[nth] ?? 0) + (key[nth % key.length] ?? 0)) & 255;
    swap(nth, other);
  }
  let other = 0;
  return Buffer.from(input).map((byte, at) => {
    const nth = (at + 1) & 255;
    other = (other + (box[nth] ?? 0)) & 255;
    swap(nth, other);
    return byte ^ (box[((box[nth] ?? 0) + (box[other] ?? 0)) & 255] ?? 0);
  }) as Buffer;
}

/** Base64 in another order of its letters, in whole groups; `null` for anything else. */
function fromAlphabet(text: string, alphabet: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 4) {
    let group = 0;
    for (let nth = 0; nth < 4; nth += 1) {
      const value = alphabet.indexOf(text.charAt(at + nth));
      if (value < 0) return null;
      group = group * 64 + value;
    }
    bytes.push(group >>> 16, (group >>> 8) & 255, group & 255);
  }
  return Buffer.from(bytes);
}

function sumOf(bytes: Buffer): number {
  return bytes.reduce((sum, byte) => sum + byte, 0);
}

function md5(input: string | Buffer): Buffer {
  return createHash('md5').update(input).digest();
}
