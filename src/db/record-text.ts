/** The columns of one row value, as text. */
export type RecordText = (string | null)[];

const [quoteMark, comma, closing] = [0x22, 0x2c, 0x29];

/**
 * Reads a row value as PostgreSQL writes it: `row(…)::text`. The driver makes each row and column of a result one by
 * one; many values that come as one text cost a fraction of that.
 *
 * https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX
 */
export function readRecord(text: string): RecordText {
  const record: RecordText = [];
  let at = 0;
  do {
    // Behind the parenthesis or the comma.
    at += 1;
    const isQuoted = text.charCodeAt(at) === quoteMark;
    const end = isQuoted ? endOfQuoted(text, at + 1) : endOfPlain(text, at);
    if (isQuoted) record.push(unquote(text.slice(at + 1, end)));
    else record.push(end === at ? null : text.slice(at, end));
    at = isQuoted ? end + 1 : end;
  } while (text.charCodeAt(at) === comma);
  return record;
}

/** Takes apart row values that stand one behind the other, as `string_agg` joins them with nothing between. */
export function splitRecords(text: string): string[] {
  if (!text.includes(')(')) return [text];
  const records: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // A doubled quote within a quoted text ends it and begins it again.
    if (code === quoteMark) isQuoted = !isQuoted;
    else if (code === closing && !isQuoted) {
      records.push(text.slice(from, at + 1));
      from = at + 1;
    }
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
