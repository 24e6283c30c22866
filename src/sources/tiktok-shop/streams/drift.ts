/** What a provider's records show that its documentation does not say, told without telling what they hold. */

/**
 * `unknown`: a field nobody documents. `missing`: a field that every record should have. `retyped`: a value of another
 * type than documented. `new_value`: a code that the documentation does not list.
 */
export type DriftKind = 'unknown' | 'missing' | 'retyped' | 'new_value';

export interface DriftFinding {
  kind: DriftKind;
  /** Field names from the record down, lists as `[]`: `line_items[].scent`. */
  path: string;
  /** Shapes of what was met, at most {@link mostSamples}; a value itself only where it is the code of a code field. */
  samples: string[];
  /** Records and list elements that showed it. */
  count: number;
}

export const mostSamples = 5;
/** Findings of one page; a hostile upstream could name fields without end. */
const mostFindings = 200;
const deepestSample = 3;
const mostNames = 8;

/** A field's name is shown only where it looks like one: a map's keys may be anybody's e-mail address or phone. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const code = /^[A-Z][A-Z0-9_]{0,39}$/;
const digits = /^-?\d+$/;
const decimal = /^-?\d+\.\d+$/;

export function shownName(name: string): string {
  return plainName.test(name) ? name : '(name not shown)';
}

/** The shape of a value, in words: types and the names of fields, never what they hold. */
export function describeShape(value: unknown, depth = 0): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return describeText(value);
  if (typeof value === 'number') return Number.isInteger(value) ? 'whole number' : 'number';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return `list of ${value.length === 0 ? 'nothing' : inside(value[0], depth)}`;
  const names = Object.keys(value);
  const shown = names.slice(0, mostNames).map((name) => {
    return `${shownName(name)}: ${inside((value as Record<string, unknown>)[name], depth)}`;
  });
  return `object {${shown.join(', ')}${names.length > mostNames ? ', …' : ''}}`;
}

function inside(value: unknown, depth: number): string {
  return depth + 1 < deepestSample ? describeShape(value, depth + 1) : '…';
}

function describeText(text: string): string {
  if (text === '') return 'empty text';
  if (text.length > 100) return 'long text';
  if (digits.test(text)) return 'text of digits';
  return decimal.test(text) ? 'text of a decimal' : 'text';
}

/** A code as it is, anything else as its shape. */
export function describeCode(value: string): string {
  return code.test(value) ? value : describeText(value);
}

/** Collects the findings of one page, each once. */
export class DriftNotes {
  readonly #findings = new Map<string, DriftFinding>();

  note(kind: DriftKind, path: string, sample: string): void {
    const key = `${kind} ${path}`;
    const known = this.#findings.get(key);
    if (known === undefined) {
      if (this.#findings.size < mostFindings) {
        this.#findings.set(key, { kind, path, samples: [sample], count: 1 });
      }
      return;
    }
    known.count += 1;
    if (known.samples.length < mostSamples && !known.samples.includes(sample)) known.samples.push(sample);
  }

  findings(): DriftFinding[] {
    return [...this.#findings.values()];
  }
}
