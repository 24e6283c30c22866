import type { Fault } from '../control/faults.ts';
import { isRecord } from '../files/json-facts.ts';
import { encodePageToken } from '../orders/page-token.ts';

export const driftKinds = [
  /** A field that nobody has heard of, and things deep inside of it. */
  'new_field',
  'missing_field',
  'null_field',
  /** A number becomes a text, a text a number or a list, an object a list. */
  'retyped_field',
  /** A text that is none of the documented values. */
  'new_enum',
] as const;
export type DriftKind = (typeof driftKinds)[number];

/** The data of an answer as a list that lies, or a schema that drifts, would have it. Other faults leave it alone. */
export function spoilData(
  data: Record<string, unknown>,
  fault: Fault | null,
  query: ReadonlyMap<string, string>,
): Record<string, unknown> {
  if (fault === null) return data;
  const rows = rowsOf(data);
  const sameAgain =
    query.get('page_token') || encodePageToken({ kind: 'shifting', time: 0, order: 0, offset: 0 }, '');
  switch (fault.kind) {
    case 'empty_page':
      rows?.splice(0);
      return { ...data, next_page_token: sameAgain };
    case 'repeated_token':
      return { ...data, next_page_token: sameAgain };
    case 'duplicates':
      rows?.push(...rows.slice(0, fault.count));
      return data;
    case 'lying_total':
      return { ...data, total_count: Math.max(0, Number(data.total_count ?? 0) + fault.delta) };
    case 'missing_total': {
      const { total_count: _, ...rest } = data;
      return rest;
    }
    case 'drift':
      for (const row of rows?.slice(0, fault.count) ?? [data])
        if (isRecord(row)) drift(row, fault.drift, fault.field);
      return data;
    default:
      return data;
  }
}

/** The list that an answer is about: the first one, however deep it stands. */
function rowsOf(value: Record<string, unknown>): unknown[] | null {
  for (const entry of Object.values(value)) {
    if (Array.isArray(entry)) return entry;
    const found = isRecord(entry) ? rowsOf(entry) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Changes every field of this name in the row, at any depth. */
function drift(row: Record<string, unknown>, kind: DriftKind, field: string): void {
  for (const [name, value] of Object.entries(row)) {
    const inner: unknown[] = Array.isArray(value) ? value : [value];
    if (name !== field) for (const entry of inner) if (isRecord(entry)) drift(entry, kind, field);
    if (name !== field || kind === 'new_field') continue;
    if (kind === 'missing_field') delete row[name];
    else if (kind === 'null_field') row[name] = null;
    else if (kind === 'new_enum') row[name] = 'TELEPORTED';
    else row[name] = retyped(value);
  }
  if (kind === 'new_field') row[field] = { version: 3, layers: [{ kind: 'foil', weight: 0.25 }] };
}

function retyped(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return /^\d{1,9}$/.test(value) ? Number(value) : [value];
  return [value];
}
