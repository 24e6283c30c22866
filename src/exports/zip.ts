import { pipeline, Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';
import { TidelineError } from '../errors.ts';

/** A file in an archive. */
export interface ZipEntry {
  name: string;
  content: AsyncIterable<Uint8Array>;
}

/** Sizes and places in the plain format, which every program reads, have 32 bits; the end needs a few of them. */
const largest = 0xffff_ffff - 1024 ** 2;
/** Sizes follow the content, for they are not known before; names are UTF-8. */
const flags = 0x0808;
const deflated = 8;
const version = 20;
/** 1980-01-01, the first day of the format: the same rows make the same bytes. */
const date = 0x0021;

interface Written {
  name: Buffer;
  at: number;
  crc: number;
  size: number;
  packed: number;
}

/**
 * A ZIP archive as a stream of bytes; entries are taken one after the other, as the stream is read. Packing goes on
 * beside the thread that asks for it.
 *
 * @throws TidelineError for the user: an archive, or a file in it, of more than 4 GiB
 */
export async function* streamZip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array, void> {
  const written: Written[] = [];
  let at = 0;
  for await (const { name: text, content } of entries) {
    const entry: Written = { name: Buffer.from(text), at, crc: 0, size: 0, packed: 0 };
    yield localHeader(entry);
    for await (const chunk of pack(content, entry)) {
      entry.packed += chunk.length;
      if (Math.max(entry.at + entry.packed, entry.size) > largest) throw tooLarge();
      yield chunk;
    }
    const descriptor = dataDescriptor(entry);
    at += 30 + entry.name.length + entry.packed + descriptor.length;
    yield descriptor;
    written.push(entry);
  }
  const directory = Buffer.concat(written.map(directoryEntry));
  yield directory;
  yield endOfDirectory(written.length, directory.length, at);
}

/** Speed counts more than the last tenth of the size. */
const packing = { level: 1, chunkSize: 64 * 1024 };

function pack(content: AsyncIterable<Uint8Array>, entry: Written): AsyncIterable<Buffer> {
  async function* tallied(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of content) {
      entry.crc = crc32(chunk, entry.crc);
      entry.size += chunk.length;
      yield chunk;
    }
  }
  // Whoever reads what comes out is told what went wrong.
  return pipeline(Readable.from(tallied(), { highWaterMark: 1 }), createDeflateRaw(packing), () => undefined);
}

function localHeader({ name }: Written): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(deflated, 8);
  header.writeUInt16LE(date, 12);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function dataDescriptor({ crc, packed, size }: Written): Buffer {
  const descriptor = Buffer.alloc(16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeUInt32LE(packed, 8);
  descriptor.writeUInt32LE(size, 12);
  return descriptor;
}

function directoryEntry({ name, at, crc, packed, size }: Written): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(version, 4);
  entry.writeUInt16LE(version, 6);
  entry.writeUInt16LE(flags, 8);
  entry.writeUInt16LE(deflated, 10);
  entry.writeUInt16LE(date, 14);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(packed, 20);
  entry.writeUInt32LE(size, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(at, 42);
  return Buffer.concat([entry, name]);
}

function endOfDirectory(entries: number, size: number, at: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return end;
}

function tooLarge(): TidelineError {
  return new TidelineError({
    code: 'workbook-too-large',
    message: 'The workbook is larger than 4 GiB, the most that its format holds.',
    action: 'Narrow the list, or export it as CSV.',
    actor: 'user',
    status: 422,
  });
}
