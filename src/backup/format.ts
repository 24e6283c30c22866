import { z } from 'zod';
import { TidelineError } from '../errors.ts';

/**
 * A backup file: one line of JSON (the header, so that `head -n 1` shows what it is), then a gzip stream of frames.
 * A frame is its kind (1 byte), the length of its content (4 bytes, big-endian) and the content. Each table is a
 * `table` frame, its rows in COPY's text format cut into `data` frames, and an `end` frame; the `manifest` is last.
 */
export const backupVersion = 1;

export const frameKinds = { table: 0x54, data: 0x44, end: 0x45, manifest: 0x4d } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** Rows are cut into frames of this size at most; a reader refuses longer ones as damage. */
export const largestFrame = 1024 * 1024;
export const longestHeader = 1024 * 1024;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

export const headerSchema = z.object({
  format: z.literal('tideline-backup'),
  version: z.int().positive(),
  created_at: z.string(),
  tideline_version: z.string(),
  postgres_version: z.string(),
  /** Those that the database had, in the order in which they were applied. */
  migrations: z.array(z.object({ name: z.string(), checksum: sha256 })).min(1),
  /** The encryption keys under a passphrase, where they were asked for. */
  keys: z.object({ salt: z.string(), cost: z.int().positive(), envelope: z.string() }).nullable(),
});
export type BackupHeader = z.infer<typeof headerSchema>;
export type SealedKeys = NonNullable<BackupHeader['keys']>;

export const tableSchema = z.object({ table: z.string().min(1), columns: z.array(z.string()).min(1) });
export type BackupTable = z.infer<typeof tableSchema>;

/** What a table must add up to: rows, bytes of COPY text and their hash. */
export const tableEndSchema = z.object({ rows: count, bytes: count, sha256 });
export type TableSum = z.infer<typeof tableEndSchema>;

export const manifestSchema = z.object({
  header_sha256: sha256,
  tables: z.array(z.object({ table: z.string(), ...tableEndSchema.shape })),
  /** Sequences that have given a number, with the last one. */
  sequences: z.array(z.object({ sequence: z.string(), last_value: z.string().regex(/^-?\d+$/) })),
});
export type Manifest = z.infer<typeof manifestSchema>;

export function encodeFrame(kind: FrameKind, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

export function encodeJsonFrame(kind: FrameKind, content: unknown): Buffer {
  return encodeFrame(kind, Buffer.from(JSON.stringify(content)));
}

/** The error for a file that is no whole backup, whatever happened to it. */
export function damagedBackup(fault: string, cause?: unknown): TidelineError {
  return new TidelineError({
    code: 'backup-damaged',
    message: `The backup cannot be used: ${fault}.`,
    actor: 'user',
    action: 'Copy the file again from where it was made, or take another backup.',
    cause,
  });
}
