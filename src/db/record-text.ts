/** The columns of one row value, as text. */
export type RecordText = (string | null)[];

const [quoteMark, comma, closing] = [0x22, 0x2c, 0x29];

/**
 * Reads row values as PostgreSQL writes them, one behind the other: `row(…)::text`, or `string_agg` of such texts with
 * nothing between. The driver makes each row and column of a result one by one; many values that come as one text cost
 * a fraction of that.
 *
 * https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX
 */
export function readRecords(text: string): RecordText[] {
  const records: RecordText[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const record: RecordText = [];
    do {
      // Behind the parenthesis or the comma.
      at += 1;
      const isQuoted = text.charCodeAt(at) === quoteMark;
      const end = isQuoted ? endOfQuoted(text, at + 1) : endOfPlain(text, at);
      if (isQuoted) record.push(unquote(text.slice(at + 1, end)));
      else record.push(end === at ? null : text.slice(at, end));
      at = isQuoted ? end + 1 : end;
    } while (text.charCodeAt(at) === comma);
    records.push(record);
  }
  return records;
}

function endOfPlain(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === comma || code === closing) return at;
  }
  throw new Error('A row value breaks off.');
}

/** Where the quoted text ends that begins at `from`; a quote within it is doubled. */
function endOfQuoted(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (text.charCodeAt(end + 1) === quoteMark && end !== -1) end = text.indexOf('"', end + 2);
  if (end === -1) throw new Error('A row value breaks off.');
  return end;
}

/** Quotes and backslashes are doubled. */
function unquote(text: string): string {
  return /["\\]/.test(text) ? text.replaceAll(/(["\\])\1/g, '$1') : text;
}
