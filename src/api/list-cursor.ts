import { createHash } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import { badRequest } from './problem.ts';

/** An opaque cursor: a position that is good only, and unchanged, for the list (its filters, its sort) it was made for. */
export function sealCursor(list: unknown, position: string): string {
  return Buffer.from(JSON.stringify([hash([list, position]), position])).toString('base64url');
}

/** The position in a cursor. Throws 400 for garbage, for one that was changed and for the cursor of another list. */
export function openCursor(list: unknown, cursor: string): string {
  const parts = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  const position: unknown = Array.isArray(parts) ? parts[1] : null;
  if (typeof position !== 'string' || position.includes('\0') || sealCursor(list, position) !== cursor) {
    throw badRequest([{ path: 'cursor', message: 'is not a cursor of this list with these filters.' }]);
  }
  return position;
}

/** As {@link openCursor}, for lists whose position is a whole number. */
export function openPosition(list: unknown, cursor: string): number {
  const position = openCursor(list, cursor);
  if (!/^\d{1,15}$/.test(position)) {
    throw badRequest([{ path: 'cursor', message: 'is not a cursor of this list with these filters.' }]);
  }
  return Number(position);
}

/** As {@link openCursor}, for lists whose position is made of several fields. */
export function openFields<Schema extends z.ZodType>(
  list: unknown,
  cursor: string,
  schema: Schema,
): z.output<Schema> {
  const position = schema.safeParse(parse(openCursor(list, cursor)));
  if (position.success) return position.data;
  throw badRequest([{ path: 'cursor', message: 'is not a cursor of this list with these filters.' }]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function hash(list: unknown): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 16);
}
