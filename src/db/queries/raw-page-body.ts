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

/** So much is packed before another thread has as much as begun: a tenth of a millisecond. */
const packedAtOnce = 64 * 1024;

/** Compresses the records of a raw page, each given as JSON. */
export async function packRawPage(records: readonly string[]): Promise<Buffer> {
  const json = toJsonArray(records);
  return json.length <= packedAtOnce ? brotliCompressSync(json, compression) : compress(json, compression);
}

/** As {@link packRawPage}, for a thread that has nothing else to do. */
export function packRawPageSync(records: readonly string[]): Buffer {
  return brotliCompressSync(toJsonArray(records), compression);
}

/** Straight into the bytes: a quarter of the time of joining hundreds of kilobytes first. */
function toJsonArray(records: readonly string[]): Buffer {
  const size = records.reduce((sum, json) => sum + Buffer.byteLength(json) + 1, 2);
  const bytes = Buffer.allocUnsafe(size);
  let end = bytes.write('[');
  for (const [index, json] of records.entries()) {
    if (index > 0) end += bytes.write(',', end);
    end += bytes.write(json, end);
  }
  end += bytes.write(']', end);
  return bytes.subarray(0, end);
}

/** The records of a raw page, in the order of their `page_index`. Throws for an encoding that nobody wrote. */
export async function unpackRawPage(encoding: string, body: Buffer): Promise<unknown[]> {
  if (encoding !== 'brotli' && encoding !== 'deflate')
    throw new Error(`Unknown encoding ${encoding} of a raw page.`);
  const records: unknown = JSON.parse((await decompress[encoding](body)).toString('utf8'));
  if (!Array.isArray(records)) throw new Error('A raw page is a list of records.');
  return records;
}
