import { type DriftNotes, describeShape, shownName } from '../streams/drift.ts';
import { FieldFault, isRecord } from '../streams/orders/fields.ts';
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

/** What one kind of record becomes, and what else TikTok documents of it. */
export class RecordMapping {
  readonly path: string;
  readonly #columns: readonly (readonly [string, ColumnSource])[];
  readonly #keys: readonly string[];
  readonly #required: ReadonlySet<string>;
  readonly #expected: ReadonlySet<string>;
  /** Every documented place; one that lies above another is looked into. */
  readonly #documented = new Set<string>();
  readonly #above = new Set<string>();

  constructor({ path, columns, required = [], expected = [], alsoDocumented = [] }: RecordDescription) {
    this.path = path;
    this.#columns = Object.entries(columns);
    this.#keys = this.#columns.filter(([, { isKey }]) => isKey).map(([name]) => name);
    this.#required = new Set([...this.#keys, ...required]);
    this.#expected = new Set(expected);
    const places = this.#columns.flatMap(([, column]) => column.places);
    for (const place of [...places, ...alsoDocumented]) {
      const names = place.replace(/\[.*$/, '').split('.');
      this.#documented.add(names.join('.'));
      for (let depth = 1; depth < names.length; depth++) this.#above.add(names.slice(0, depth).join('.'));
    }
    for (const place of this.#documented) if (place.endsWith('.breakdowns')) this.#seeInto(place);
  }

  /** Figures by channel lie beside their whole, inside of what is one figure in other versions. */
  #seeInto(place: string): void {
    const figure = place.slice(0, place.lastIndexOf('.'));
    for (const name of ['overall', 'amount', 'currency']) this.#documented.add(`${figure}.${name}`);
  }

  /** The record as a row; one that cannot be stored is put aside, everything else that is odd is noted. */
  map(record: unknown, index: number, notes: DriftNotes): MappedRecord | AsideRecord {
    if (!isRecord(record)) {
      notes.note('retyped', this.path, describeShape(record));
      return { recordId: `${this.path}#${index}`, path: this.path, reason: 'not an object' };
    }
    this.#noteUnknown(record, '', notes);
    const row: AnalyticsRow = {};
    let currency: string | null = null;
    try {
      for (const [name, column] of this.#columns) {
        const value = this.#read(record, name, column, notes);
        row[name] = value?.text ?? null;
        if (value?.currency == null) continue;
        if (currency !== null && currency !== value.currency) {
          throw new FieldFault(column.places[0] ?? '', 'in another currency than the rest of its record');
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
  #read(
    record: Record<string, unknown>,
    name: string,
    column: ColumnSource,
    notes: DriftNotes,
  ): ReadValue | null {
    for (const place of column.places) {
      const found = valueAt(record, place);
      try {
        const value = readValue(column.kind, found, place);
        if (value !== null) return value;
      } catch (error) {
        if (!(error instanceof FieldFault)) throw error;
        notes.note('retyped', `${this.path}.${place}`, describeShape(found));
        if (this.#required.has(name) || column.kind === 'money') throw error;
      }
    }
    const [place = ''] = column.places;
    const isRequired = this.#required.has(name);
    if (isRequired || this.#expected.has(name)) notes.note('missing', `${this.path}.${place}`, 'absent');
    if (isRequired) throw new FieldFault(place, 'missing');
    return null;
  }

  #noteUnknown(record: Record<string, unknown>, above: string, notes: DriftNotes): void {
    for (const [name, value] of Object.entries(record)) {
      const place = above + name;
      if (this.#above.has(place) && isRecord(value)) {
        this.#noteUnknown(value, `${place}.`, notes);
      } else if (!this.#documented.has(place)) {
        const shown = `${this.path}.${place.split('.').map(shownName).join('.')}`;
        const isRetyped = this.#above.has(place);
        if (!isRetyped || value !== null) {
          notes.note(isRetyped ? 'retyped' : 'unknown', shown, describeShape(value));
        }
      }
    }
  }
}

export function isAside(mapped: MappedRecord | AsideRecord): mapped is AsideRecord {
  return 'reason' in mapped;
}

/** `sales.gmv`, or `sales.gmv.breakdowns[LIVE]`: the element of a list that says to be of that type. */
const step = /^(.*?)(?:\[(\w+)\])?$/;

/** What lies at a place of a record; undefined where the way ends early. */
export function valueAt(record: Record<string, unknown>, place: string): unknown {
  let value: unknown = record;
  for (const part of place.split('.')) {
    const [, name = '', type] = step.exec(part) ?? [];
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
    if (type !== undefined) value = elementOfType(value, type);
  }
  return value;
}

function elementOfType(elements: unknown, type: string): unknown {
  if (!Array.isArray(elements)) return undefined;
  return elements.find(
    (element) => isRecord(element) && (element.type === type || element.content_type === type),
  );
}
