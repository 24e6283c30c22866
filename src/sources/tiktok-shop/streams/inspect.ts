import { type DriftNotes, describeCode, describeShape, shownName } from './drift.ts';
import type { Layout, Shape } from './shape.ts';

export type Fields = Record<string, unknown>;
export type PersonalFields = Fields;

/** How deep a field that nobody documents is searched for personal names. */
const deepestSearch = 6;

/**
 * One look at every field of a record: takes the personal ones out (they become `undefined` there, which JSON leaves
 * out) and notes what the shape does not say. Returns what was taken, or null; inner fields under their path, such as
 * `line_items[0].gift_phone`.
 */
export function inspectRecord(record: Fields, shape: Shape, notes: DriftNotes): PersonalFields | null {
  const inspection: Inspection = { notes, personal: null, indices: [] };
  inspect(inspection, record, shape);
  return inspection.personal;
}

interface Inspection {
  notes: DriftNotes;
  personal: PersonalFields | null;
  /** The places in the lists that the present record lies in, the outermost list first. */
  indices: number[];
}

/** A field of the present record: the position in its layout. */
interface FieldAt {
  shape: Shape;
  layout: Layout;
  at: number;
}

function inspect(inspection: Inspection, record: Fields, shape: Shape): void {
  let layout = shape.latestLayout;
  let values = valuesAsLaidOut(record, layout);
  if (values === null) {
    layout = shape.layoutOf(Object.keys(record));
    values = Object.values(record);
    for (let at = 0; at < values.length; at++) {
      if (typeof values[at] !== layout.types[at]) judge(inspection, record, { shape, layout, at });
    }
  }
  const { coded, nested, absent, personal } = layout;
  for (const { position, codes } of coded) {
    const value = values[position];
    if (typeof value === 'string' && value !== '' && !codes.has(value)) {
      inspection.notes.note('new_value', shape.path + layout.names[position], describeCode(value));
    }
  }
  for (const { position, isList, inner } of nested) {
    const value = values[position];
    // Other types were judged above.
    if (typeof value !== 'object') continue;
    if (value === null) {
      if (layout.expected[position]) {
        inspection.notes.note('missing', shape.path + layout.names[position], 'null');
      }
    } else if (Array.isArray(value) !== isList) {
      inspection.notes.note('retyped', shape.path + layout.names[position], isList ? 'object' : 'list');
      emptyIfPersonal(inspection, record, { shape, layout, at: position });
    } else if (inner === null) {
      emptyIfPersonal(inspection, record, { shape, layout, at: position });
    } else if (isList) inspectElements(inspection, value as unknown[], inner);
    else inspect(inspection, value as Fields, inner);
  }
  for (const name of absent) inspection.notes.note('missing', shape.path + name, 'absent');
  for (const position of personal) take(inspection, record, shape, layout.names[position] ?? '');
}

/** The values of a record whose names and types are those of the layout; null for any other. */
function valuesAsLaidOut(record: Fields, { names, types }: Layout): unknown[] | null {
  const values = new Array<unknown>(names.length);
  let at = 0;
  // Of all ways to go through an object this is by far the fastest, and records from JSON inherit nothing.
  for (const name in record) {
    const value = record[name];
    if (names[at] !== name || typeof value !== types[at]) return null;
    values[at] = value;
    at += 1;
  }
  return at === names.length ? values : null;
}

function inspectElements(inspection: Inspection, elements: unknown[], shape: Shape): void {
  const depth = inspection.indices.length;
  for (let index = 0; index < elements.length; index++) {
    inspection.indices[depth] = index;
    const element = elements[index];
    if (typeof element === 'object' && element !== null && !Array.isArray(element)) {
      inspect(inspection, element as Fields, shape);
    } else {
      inspection.notes.note('retyped', shape.path.slice(0, -1), describeShape(element));
      if (holdsPersonalNames(element, shape.looksPersonal, deepestSearch)) {
        elements[index] = [];
        keep(inspection, placeOf(inspection, shape).slice(0, -1), element);
      }
    }
  }
  inspection.indices.length = depth;
}

/** A field whose type is not the documented one; empty ones are as good as absent. */
function judge(inspection: Inspection, record: Fields, { shape, layout, at }: FieldAt): void {
  const name = layout.names[at] ?? '';
  const value = record[name];
  if (layout.types[at] === 'unknown') {
    inspection.notes.note('unknown', shape.path + shownName(name), describeShape(value));
    if (holdsPersonalNames(value, shape.looksPersonal, deepestSearch)) {
      take(inspection, record, shape, name);
    }
  } else if (value === null || value === '') {
    if (layout.expected[at]) inspection.notes.note('missing', shape.path + name, describeShape(value));
  } else {
    inspection.notes.note('retyped', shape.path + name, describeShape(value));
    emptyIfPersonal(inspection, record, { shape, layout, at });
  }
}

/**
 * Takes what a documented field holds when a name in it is personal. Something empty of the same type stays, so that
 * whoever reads the field still sees a type that is wrong.
 */
function emptyIfPersonal(inspection: Inspection, record: Fields, { shape, layout, at }: FieldAt): void {
  // Those that are personal by their own name go as a whole.
  if (layout.personal.includes(at)) return;
  const name = layout.names[at] ?? '';
  const value = record[name];
  if (!holdsPersonalNames(value, shape.looksPersonal, deepestSearch)) return;
  take(inspection, record, shape, name);
  record[name] = Array.isArray(value) ? [] : {};
}

function holdsPersonalNames(
  value: unknown,
  looksPersonal: (name: string) => boolean,
  depth: number,
): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  return Object.entries(value).some(
    ([name, inner]) => looksPersonal(name) || holdsPersonalNames(inner, looksPersonal, depth - 1),
  );
}

function take(inspection: Inspection, record: Fields, shape: Shape, name: string): void {
  const value = record[name];
  record[name] = undefined;
  if (value === null || value === undefined || value === '') return;
  keep(inspection, placeOf(inspection, shape) + name, value);
}

function keep(inspection: Inspection, place: string, value: unknown): void {
  inspection.personal ??= {};
  inspection.personal[place] = value;
}

/** Where the present record lies: the path of its shape with its places in the lists. */
function placeOf({ indices }: Inspection, { path }: Shape): string {
  let depth = 0;
  return path.replaceAll('[]', () => `[${indices[depth++]}]`);
}
