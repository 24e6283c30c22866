import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { HttpError } from './http-error.ts';

const unpack = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  deflateRaw: promisify(inflateRaw),
  br: promisify(brotliDecompress),
};

/** What {@link decodeContent} can undo. */
export const acceptedEncodings = 'gzip, deflate, br';

/**
 * Undoes the `Content-Encoding` of a whole body, in the order of RFC 9110, section 8.4.
 *
 * @throws HttpError `malformed` for a broken or unknown encoding, `too-large` when it unpacks to more than `maxBytes`.
 */
export async function decodeContent(
  origin: string,
  body: Buffer,
  header: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const encodings = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  let decoded = body;
  for (const encoding of encodings.reverse()) {
    if (decoded.length === 0) return decoded;
    decoded = await decodeOne(origin, decoded, encoding, maxBytes);
  }
  return decoded;
}

async function decodeOne(
  origin: string,
  body: Buffer,
  encoding: string,
  maxOutputLength: number,
): Promise<Buffer> {
  try {
    switch (encoding) {
      case 'gzip':
      case 'x-gzip':
        return await unpack.gzip(body, { maxOutputLength });
      case 'br':
        return await unpack.br(body, { maxOutputLength });
      case 'deflate':
        // Servers disagree on whether "deflate" has the zlib header; its first byte always ends in 8.
        return ((body[0] ?? 0) & 0x0f) === 8
          ? await unpack.deflate(body, { maxOutputLength })
          : await unpack.deflateRaw(body, { maxOutputLength });
    }
  } catch (error) {
    if (error instanceof RangeError) {
      throw new HttpError('too-large', `${origin} answered with more than ${maxOutputLength} bytes.`, error);
    }
    throw new HttpError('malformed', `The ${encoding} body from ${origin} is broken.`, error);
  }
  throw new HttpError('malformed', `${origin} answered with an unknown content encoding.`);
}
