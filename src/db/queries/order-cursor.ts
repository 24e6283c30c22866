import { createHash } from 'node:crypto';
import type { OrderFilters } from './order-filters.ts';

export type OrderSort = 'created_at' | 'updated_at' | 'total_amount';
export type Direction = 'asc' | 'desc';

/** Where a page ended: the sort column's value as PostgreSQL writes it, and the order that breaks ties. */
export interface OrderPosition {
  value: string;
  orderId: string;
}

export interface ListShape {
  shopId: string;
  filters: OrderFilters;
  sort: OrderSort;
  direction: Direction;
}

/** Why a cursor cannot be used. */
export type CursorFault = 'garbage' | 'other-list';

/** An opaque cursor that is good only for the same shop, filters and sort. */
export function encodeCursor(shape: ListShape, position: OrderPosition): string {
  return Buffer.from(JSON.stringify([hashShape(shape), position.value, position.orderId])).toString(
    'base64url',
  );
}

/** Reads a cursor that `encodeCursor` wrote. */
export function decodeCursor(shape: ListShape, cursor: string): OrderPosition | CursorFault {
  const parts = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === 'string')) {
    return 'garbage';
  }
  const [hash, value, orderId] = parts as [string, string, string];
  if (hash !== hashShape(shape)) return /^[\w-]{16}$/.test(hash) ? 'other-list' : 'garbage';
  const form = shape.sort === 'total_amount' ? /^-?\d+(\.\d+)?$/ : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
  if (!form.test(value) || orderId.includes('\0')) return 'garbage';
  if (shape.sort !== 'total_amount' && Number.isNaN(Date.parse(value))) return 'garbage';
  return { value, orderId };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function hashShape({ shopId, filters, sort, direction }: ListShape): string {
  const given = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value])
    .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
  const text = JSON.stringify([shopId, sort, direction, given]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
