import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { unreadable, WorkbookError } from './workbook-error.ts';

/** The files inside a workbook, by their paths in the archive. */
export interface WorkbookPackage {
  has(path: string): boolean;
  /**
   * One file as text, piece by piece.
   *
   * @throws WorkbookError when it is missing, damaged, too large or not UTF-8.
   */
  read(path: string): AsyncIterable<string>;
}

/** A seller's export has a dozen. */
const mostEntries = 1_000;
/** Unpacked, of all files that are read: a hundred thousand products with all their columns. */
const mostBytes = 128 * 1024 * 1024;

const zipSignature = Buffer.from('PK\u0003\u0004', 'latin1');
/** Older Excel, and files with a password. */
const compoundSignature = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/**
 * Opens an archive without unpacking it. Nothing is unpacked that was not asked for, and never more than 128 MB:
 * sizes are checked against what the archive says before, and while, its files are read.
 *
 * @throws WorkbookError when it is no archive.
 */
export async function openPackage(bytes: Buffer): Promise<WorkbookPackage> {
  if (startsWith(bytes, compoundSignature)) {
    throw unreadable('is an old workbook (.xls) or one with a password; an .xlsx file is needed.');
  }
  if (!startsWith(bytes, zipSignature)) throw unreadable('is not an Excel workbook (.xlsx).');
  const { archive, entries } = await listEntries(bytes);
  let left = mostBytes;
  return {
    has: (path) => entries.has(path),
    async *read(path) {
      const entry = entries.get(path);
      if (entry === undefined) throw unreadable(`is not an Excel workbook: it has no ${path}.`);
      left -= entry.uncompressedSize;
      if (left < 0) throw unreadable(`unpacks to more than ${mostBytes / 1024 / 1024} MB.`);
      yield* decode(archive, entry);
    },
  };
}

async function listEntries(bytes: Buffer): Promise<{ archive: ZipFile; entries: Map<string, Entry> }> {
  try {
    const archive = await fromBufferPromise(bytes);
    if (archive.entryCount > mostEntries) throw unreadable(`holds more than ${mostEntries} files.`);
    const entries = new Map<string, Entry>();
    for await (const entry of archive.eachEntry()) {
      if (entries.has(entry.fileName)) throw unreadable('holds two files of one name.');
      entries.set(entry.fileName, entry);
    }
    return { archive, entries };
  } catch (error) {
    throw damaged(error);
  }
}

async function* decode(archive: ZipFile, entry: Entry): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of await archive.openReadStreamPromise(entry)) {
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    throw damaged(error);
  }
}

/** Whatever the archive library throws is a fault of the archive. */
function damaged(error: unknown): WorkbookError {
  return error instanceof WorkbookError ? error : unreadable('is damaged or was cut off.', error);
}

function startsWith(bytes: Buffer, signature: Buffer): boolean {
  return bytes.subarray(0, signature.length).equals(signature);
}
