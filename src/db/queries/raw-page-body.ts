import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, brotliDecompress, constants, inflate } from 'node:zlib';

const compress = promisify(brotliCompress);
const decompress = { brotli: promisify(brotliDecompress), deflate: promisify(inflate) };

/** How bodies of raw pages are written. */
export const rawPageEncoding = 'brotli';

// Quality 1 is as fast as deflate's level 1 and a quarter smaller on order pages; a window of 256 kB holds most of a
// page, and spares each compression the 4 MB of the usual one.
const compression = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
  chunkSize: 64 * 1024,
};

/** Compresses the JSON array of a raw page. */
export function packRawPage(json: string): Promise<Buffer> {
  return compress(json, compression);
}

/** As {@link packRawPage}, for a thread that has nothing else to do. */
export function packRawPageSync(json: string): Buffer {
  return brotliCompressSync(json, compression);
}

/** The records of a raw page, in the order of their `page_index`. Throws for an encoding that nobody wrote. */
export async function unpackRawPage(encoding: string, body: Buffer): Promise<unknown[]> {
  if (encoding !== 'brotli' && encoding !== 'deflate')
    throw new Error(`Unknown encoding ${encoding} of a raw page.`);
  const records: unknown = JSON.parse((await decompress[encoding](body)).toString('utf8'));
  if (!Array.isArray(records)) throw new Error('A raw page is a list of records.');
  return records;
}
