/** A number of JSON that a double cannot hold, as its text. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** A decimal as a number, or as its text where a double would tell another number. */
export function exactNumber(decimal: string): number | ExactNumber {
  const value = Number(decimal);
  const [whole = '', fraction = ''] = decimal.split('.');
  const digits = fraction.replace(/0+$/, '');
  return String(value) === (digits === '' ? whole : `${whole}.${digits}`) ? value : new ExactNumber(decimal);
}

/** JSON with every digit of {@link ExactNumber}s. */
export function printJson(value: unknown): string {
  const numbers: string[] = [];
  // No text of an answer holds a NUL: PostgreSQL stores none.
  const text = JSON.stringify(value, (_, item: unknown) =>
    item instanceof ExactNumber ? `\0${numbers.push(item.text) - 1}` : item,
  );
  return numbers.length === 0
    ? text
    : text.replaceAll(/"\\u0000(\d+)"/g, (_, nth: string) => numbers[Number(nth)] ?? '');
}
