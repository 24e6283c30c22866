import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { TidelineError } from '../errors.ts';
import {
  type BackupHeader,
  type BackupTable,
  backupVersion,
  damagedBackup,
  type FrameKind,
  frameKinds,
  headerSchema,
  largestFrame,
  longestHeader,
  type Manifest,
  manifestSchema,
  type TableSum,
  tableEndSchema,
  tableSchema,
} from './format.ts';

/** Gets the contents of a backup in their order. */
export interface BackupVisitor {
  table?(table: BackupTable): Promise<void>;
  /** Some bytes of the table's COPY text, cut anywhere. */
  data?(chunk: Buffer): Promise<void>;
  end?(table: BackupTable, sum: TableSum): Promise<void>;
}

interface OpenedBackup {
  header: BackupHeader;
  headerSha256: string;
  /** Bytes of the header with its line feed. */
  bodyStart: number;
}

/**
 * Reads the header of a backup.
 * @throws TidelineError for a file that is missing, no backup, or made by a newer Tideline
 */
export async function readBackupHeader(path: string): Promise<BackupHeader> {
  return (await openBackup(path)).header;
}

/**
 * Reads a backup from its first to its last byte, and checks every hash and count on the way.
 * @throws TidelineError `backup-damaged` for anything that is not as it was written
 */
export async function readBackup(
  path: string,
  visitor: BackupVisitor = {},
): Promise<{ header: BackupHeader; manifest: Manifest }> {
  const { header, headerSha256, bodyStart } = await openBackup(path);
  const sums: Manifest['tables'] = [];
  let open: { table: BackupTable; running: RunningSum } | null = null;
  let manifest: Manifest | null = null;
  for await (const { kind, content } of readFrames(path, bodyStart)) {
    if (manifest !== null) throw damagedBackup('something follows its end');
    if (kind === frameKinds.data && open !== null) {
      open.running.add(content);
      await visitor.data?.(content);
    } else if (kind === frameKinds.table && open === null) {
      open = { table: parse(tableSchema, content), running: createRunningSum() };
      await visitor.table?.(open.table);
    } else if (kind === frameKinds.end && open !== null) {
      const { table, running }: { table: BackupTable; running: RunningSum } = open;
      const written = parse(tableEndSchema, content);
      if (JSON.stringify(running.sum()) !== JSON.stringify(written))
        throw damagedBackup(`the rows of ${table.table} are not those that were written`);
      sums.push({ table: table.table, ...written });
      await visitor.end?.(table, written);
      open = null;
    } else if (kind === frameKinds.manifest && open === null) {
      manifest = parse(manifestSchema, content);
    } else {
      throw damagedBackup('its parts are not in order');
    }
  }
  if (manifest === null) throw damagedBackup('its end is missing');
  if (manifest.header_sha256 !== headerSha256) throw damagedBackup('its first line was changed');
  if (JSON.stringify(manifest.tables) !== JSON.stringify(sums))
    throw damagedBackup('its tables are not those that were written');
  return { header, manifest };
}

export interface RunningSum {
  readonly rows: number;
  add(chunk: Buffer): void;
  sum(): TableSum;
}

/** Sums COPY text: line feeds inside of values are escaped, so that each one ends a row. */
export function createRunningSum(): RunningSum {
  const hash = createHash('sha256');
  let rows = 0;
  let bytes = 0;
  return {
    get rows() {
      return rows;
    },
    add(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows += 1;
    },
    sum: () => ({ rows, bytes, sha256: hash.copy().digest('hex') }),
  };
}

async function openBackup(path: string): Promise<OpenedBackup> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new TidelineError({
      code: 'backup-not-readable',
      message: `The backup ${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'}).`,
      actor: 'user',
      action: 'Check the path and the rights of the file.',
      cause,
    });
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(longestHeader), 0, longestHeader, 0);
    const lineEnd = buffer.subarray(0, bytesRead).indexOf(10);
    if (lineEnd === -1) throw damagedBackup('it is no backup of Tideline, or only the beginning of one');
    const line = buffer.subarray(0, lineEnd);
    const headerSha256 = createHash('sha256').update(line).digest('hex');
    return { header: parseHeader(line), headerSha256, bodyStart: lineEnd + 1 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') throw damagedBackup('it is a folder', error);
    throw error;
  } finally {
    await file.close();
  }
}

function parseHeader(line: Buffer): BackupHeader {
  const value = parseJson(line);
  const told = value as { format?: unknown; version?: unknown } | null;
  if (told?.format !== 'tideline-backup') throw damagedBackup('it is no backup of Tideline');
  if (typeof told.version === 'number' && told.version > backupVersion) {
    throw new TidelineError({
      code: 'backup-newer',
      message: `The backup was made by a newer Tideline (format ${told.version}; this program knows ${backupVersion}).`,
      actor: 'user',
      action: 'Restore it with the newer Tideline.',
    });
  }
  return check(headerSchema, value);
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (cause) {
    throw damagedBackup('a part of it is not readable', cause);
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw damagedBackup('a part of it is not what was written', result.error);
}

function parse<Schema extends z.ZodType>(schema: Schema, content: Buffer): z.infer<Schema> {
  return check(schema, parseJson(content));
}

async function* readFrames(
  path: string,
  start: number,
): AsyncGenerator<{ kind: FrameKind; content: Buffer }> {
  const source = createReadStream(path, { start });
  const body = source.pipe(createGunzip());
  source.once('error', (error) => body.destroy(error));
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      while (rest.length - at >= 5) {
        const length = rest.readUInt32BE(at + 1);
        if (length > largestFrame) throw damagedBackup('a part of it is longer than any that is written');
        if (rest.length - at < 5 + length) break;
        yield { kind: rest[at] as FrameKind, content: rest.subarray(at + 5, at + 5 + length) };
        at += 5 + length;
      }
      rest = rest.subarray(at);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'Z_BUF_ERROR') throw damagedBackup('its end is missing', error);
    if (code.startsWith('Z_')) throw damagedBackup('its bytes were changed', error);
    throw error;
  } finally {
    source.destroy();
  }
  if (rest.length > 0) throw damagedBackup('its end is missing');
}
