import { isJsonObject } from '../../../json-object.ts';
import { type DriftNotes, describeShape, shownName } from '../streams/drift.ts';
import { FieldFault } from './fields.ts';
import { type ReadValue, readValue, type ValueKind } from './values.ts';

/** A row on its way into the database: exact text for every figure, null where TikTok says nothing. */
export type AnalyticsRow = Record<string, string | number | null>;

export interface MappedRecord {
  row: AnalyticsRow;
  /** Its key columns as one text. */
  key: string;
  /** Of all its money; null where none names one. */
  currency: string | null;
}

/** A record that cannot be stored: without its key, or with money that is no plain decimal. */
export interface AsideRecord {
  /** Its key; the place in the page where it has none. */
  recordId: string;
  path: string;
  reason: string;
}

/** A column, and the places where versions of the API keep its value; the first that holds one counts. */
export interface ColumnSource {
  kind: ValueKind;
  places: readonly string[];
  isKey: boolean;
}

const from =
  (kind: ValueKind, isKey = false) =>
  (...places: string[]): ColumnSource => ({ kind, places, isKey });

export const key = from('id', true);
export const id = from('id');
export const text = from('text');
export const words = from('words');
export const money = from('money');
export const count = from('count');
export const decimal = from('decimal');
export const percentage = from('percentage');
export const time = from('time');
export const keyTime = from('time', true);

export interface RecordDescription {
  /** Where these records lie in an answer, as drift shows it: `products[]`. */
  path: string;
  columns: Readonly<Record<string, ColumnSource>>;
  /** Columns beside the keys without which a record is none. */
  required?: readonly string[];
  /** Columns that every record should have a value for; one that has none is unknown. */
  expected?: readonly string[];
  /** Places that are documented and not stored. */
  alsoDocumented?: readonly string[];
}

/** The documented fields of a record; null where nobody looks inside. */
type Documented = Map<string, Documented | null>;

interface CompiledColumn {
  name: string;
  kind: ValueKind;
  isKey: boolean;
  isRequired: boolean;
  isExpected: boolean;
  places: readonly { place: string; steps: readonly Step[] }[];
}

/** What one kind of record becomes, and what else TikTok documents of it. */
export class RecordMapping {
  readonly path: string;
  readonly #columns: readonly CompiledColumn[];
  readonly #keys: readonly string[];
  /** Every documented place. */
  readonly #documented: Documented = new Map();

  constructor({ path, columns, required = [], expected = [], alsoDocumented = [] }: RecordDescription) {
    this.path = path;
    const isRequired = (name: string): boolean => required.includes(name) || columns[name]?.isKey === true;
    this.#columns = Object.entries(columns).map(([name, { kind, places, isKey }]) => ({
      ...{ name, kind, isKey },
      isRequired: isRequired(name),
      isExpected: isRequired(name) || expected.includes(name),
      places: places.map((place) => ({ place, steps: stepsOf(place) })),
    }));
    this.#keys = this.#columns.filter(({ isKey }) => isKey).map(({ name }) => name);
    const places = this.#columns.flatMap((column) => column.places.map(({ place }) => place));
    for (const place of [...places, ...alsoDocumented]) this.#document(documentedNames(place));
  }

  #document(names: readonly string[]): void {
    let level = this.#documented;
    for (const [depth, name] of names.entries()) {
      const known = level.get(name);
      // What is one figure in some versions holds its whole beside figures by channel in others.
      if (known === undefined || known === null) {
        const inner: Documented | null = depth === names.length - 1 ? null : new Map();
        if (known === null) for (const whole of ['overall', 'amount', 'currency']) inner?.set(whole, null);
        if (known === undefined || inner !== null) level.set(name, inner);
      }
      const next = level.get(name);
      if (next == null) return;
      level = next;
    }
  }

  /** The record as a row; one that cannot be stored is put aside, everything else that is odd is noted. */
  map(record: unknown, index: number, notes: DriftNotes): MappedRecord | AsideRecord {
    if (!isJsonObject(record)) {
      notes.note('retyped', this.path, describeShape(record));
      return { recordId: `${this.path}#${index}`, path: this.path, reason: 'not an object' };
    }
    this.#noteUnknown(record, this.#documented, '', notes);
    const row: AnalyticsRow = {};
    let currency: string | null = null;
    try {
      for (const column of this.#columns) {
        const value = this.#read(record, column, notes);
        row[column.name] = value?.text ?? null;
        if (value?.currency == null) continue;
        if (currency !== null && currency !== value.currency) {
          throw new FieldFault(
            column.places[0]?.place ?? '',
            'in another currency than the rest of its record',
          );
        }
        currency = value.currency;
      }
    } catch (error) {
      if (!(error instanceof FieldFault)) throw error;
      const known = this.#keys.every((name) => typeof row[name] === 'string') && this.#keys.length > 0;
      const recordId = known ? this.keyOf(row) : `${this.path}#${index}`;
      return { recordId, path: `${this.path}.${error.path}`, reason: error.message };
    }
    return { row, key: this.keyOf(row), currency };
  }

  /** The key columns of a row as one text. */
  keyOf(row: AnalyticsRow): string {
    return this.#keys.map((name) => row[name]).join('/');
  }

  /** Keys and money are exact or nothing of the record counts; any other figure that cannot be read is unknown. */
  #read(record: Record<string, unknown>, column: CompiledColumn, notes: DriftNotes): ReadValue | null {
    for (const { place, steps } of column.places) {
      const found = follow(record, steps);
      if (found === undefined) continue;
      try {
        const value = readValue(column.kind, found, place);
        if (value !== null) return value;
      } catch (error) {
        if (!(error instanceof FieldFault)) throw error;
        notes.note('retyped', `${this.path}.${place}`, describeShape(found));
        if (column.isRequired || column.kind === 'money') throw error;
      }
    }
    if (!column.isExpected) return null;
    const place = column.places[0]?.place ?? '';
    notes.note('missing', `${this.path}.${place}`, 'absent');
    if (column.isRequired) throw new FieldFault(place, 'missing');
    return null;
  }

  #noteUnknown(record: Record<string, unknown>, level: Documented, above: string, notes: DriftNotes): void {
    for (const name in record) {
      const documented = level.get(name);
      if (documented === null) continue;
      const value = record[name];
      if (documented !== undefined && isJsonObject(value)) {
        this.#noteUnknown(value, documented, `${above}${name}.`, notes);
      } else if (documented === undefined || value !== null) {
        const shown = `${this.path}.${above}${shownName(name)}`;
        notes.note(documented === undefined ? 'unknown' : 'retyped', shown, describeShape(value));
      }
    }
  }
}

export function isAside(mapped: MappedRecord | AsideRecord): mapped is AsideRecord {
  return 'reason' in mapped;
}

/** A step on the way to a value: a field, and of a list the element that says to be of a type. */
interface Step {
  name: string;
  type: string | undefined;
}

const step = /^(.*?)(?:\[(\w+)\])?$/;

/** The fields down to a place; nobody looks for others inside the elements of a list. */
function documentedNames(place: string): string[] {
  const steps = stepsOf(place);
  const list = steps.findIndex(({ type }) => type !== undefined);
  return steps.slice(0, list < 0 ? undefined : list + 1).map(({ name }) => name);
}

/** `sales.gmv`, or `sales.gmv.breakdowns[LIVE]`. */
function stepsOf(place: string): Step[] {
  return place.split('.').map((part) => {
    const [, name = '', type] = step.exec(part) ?? [];
    return { name, type };
  });
}

function follow(record: Record<string, unknown>, steps: readonly Step[]): unknown {
  let value: unknown = record;
  for (const { name, type } of steps) {
    if (!isJsonObject(value)) return undefined;
    value = value[name];
    if (type !== undefined) value = elementOfType(value, type);
  }
  return value;
}

/** What lies at a place of a record; undefined where the way ends early. */
export function valueAt(record: Record<string, unknown>, place: string): unknown {
  return follow(record, stepsOf(place));
}

function elementOfType(elements: unknown, type: string): unknown {
  if (!Array.isArray(elements)) return undefined;
  return elements.find(
    (element) => isJsonObject(element) && (element.type === type || element.content_type === type),
  );
}
