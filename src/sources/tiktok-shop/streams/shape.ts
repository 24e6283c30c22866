type Type = 'string' | 'number' | 'boolean' | 'object';

interface Field {
  type: Type;
  isList: boolean;
  isExpected: boolean;
  isPersonal: boolean;
  /** The codes that are documented; null for fields of any text. */
  codes: ReadonlySet<string> | null;
  /** What the object, or each element of the list, looks like; null where nobody looks inside. */
  inner: Shape | null;
}

export interface ShapeDescription {
  /** Where records of this shape lie, down from the whole: `line_items[].`; empty for the whole itself. */
  path?: string;
  text?: readonly string[];
  /** Text fields with a closed set of values. */
  codes?: Readonly<Record<string, readonly string[]>>;
  numbers?: readonly string[];
  flags?: readonly string[];
  objects?: Readonly<Record<string, Shape | null>>;
  lists?: Readonly<Record<string, Shape | null>>;
  /** Fields among those above that every record has, with a value. */
  expected?: readonly string[];
  /** Fields among those above that are personal. */
  personal?: readonly string[];
}

/** The fields of records with the same names in the same order, judged once. */
export interface Layout {
  names: readonly string[];
  /** What `typeof` says of each field while all is well; `unknown` for fields that nobody documents. */
  types: readonly (Type | 'unknown')[];
  expected: readonly boolean[];
  /** Positions of personal fields. */
  personal: readonly number[];
  coded: readonly { position: number; codes: ReadonlySet<string> }[];
  nested: readonly { position: number; isList: boolean; inner: Shape | null }[];
  /** Expected fields that are not there. */
  absent: readonly string[];
}

/** Records of one kind come in few layouts; a hostile upstream's are judged anew beyond this many. */
const mostLayouts = 64;

/**
 * The documented fields of a kind of record. Records are matched by their layout (the list of their field names), so
 * that a record like one seen before costs no look-up for each of its fields.
 */
export class Shape {
  readonly path: string;
  readonly looksPersonal: (name: string) => boolean;
  readonly #fields = new Map<string, Field>();
  #layouts: Layout[] = [];
  /** The layout that was asked for last: the next record's, most of the time. */
  latestLayout: Layout;

  /** @param looksPersonal says of a field that nobody documents whether its name is that of a personal one */
  constructor(description: ShapeDescription, looksPersonal: (name: string) => boolean) {
    this.path = description.path ?? '';
    this.looksPersonal = looksPersonal;
    const expected = new Set(description.expected);
    const personal = new Set(description.personal);
    const add = (name: string, type: Type, more: Partial<Field> = {}): void => {
      const isExpected = expected.has(name);
      const isPersonal = personal.has(name);
      this.#fields.set(name, {
        type,
        isList: false,
        isExpected,
        isPersonal,
        codes: null,
        inner: null,
        ...more,
      });
    };
    for (const name of description.text ?? []) add(name, 'string');
    for (const [name, codes] of Object.entries(description.codes ?? {})) {
      add(name, 'string', { codes: new Set(codes) });
    }
    for (const name of description.numbers ?? []) add(name, 'number');
    for (const name of description.flags ?? []) add(name, 'boolean');
    for (const [name, inner] of Object.entries(description.objects ?? {})) add(name, 'object', { inner });
    for (const [name, inner] of Object.entries(description.lists ?? {})) {
      add(name, 'object', { inner, isList: true });
    }
    this.latestLayout = this.#judge([]);
  }

  layoutOf(names: readonly string[]): Layout {
    let layout = this.#layouts.find((known) => sameNames(known.names, names));
    if (layout === undefined) {
      layout = this.#judge(names);
      if (this.#layouts.length === mostLayouts) this.#layouts = [];
      this.#layouts.push(layout);
    }
    this.latestLayout = layout;
    return layout;
  }

  #judge(names: readonly string[]): Layout {
    const fields = names.map((name) => this.#fields.get(name));
    const present = new Set(names);
    const positions = [...names.keys()];
    return {
      names,
      types: fields.map((field) => field?.type ?? 'unknown'),
      expected: fields.map((field) => field?.isExpected ?? false),
      personal: positions.filter((at) => fields[at]?.isPersonal ?? this.looksPersonal(names[at] ?? '')),
      coded: positions.flatMap((position) => {
        const codes = fields[position]?.codes ?? null;
        return codes === null ? [] : [{ position, codes }];
      }),
      nested: positions.flatMap((position) => {
        const field = fields[position];
        return field?.type === 'object' ? [{ position, isList: field.isList, inner: field.inner }] : [];
      }),
      absent: [...this.#fields].flatMap(([name, field]) =>
        field.isExpected && !present.has(name) ? [name] : [],
      ),
    };
  }
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}
