/** Everything that a spreadsheet may take for the beginning of a formula, full-width forms included. */
const triggers = '=+\\-@\\uFF1D\\uFF0B\\uFF0D\\uFF20';
const mayBeHarmful = new RegExp(`[${triggers}\\t\\r\\n]`);
/** Blanks that spreadsheets skip before they look, byte order marks and zero-width characters among them. */
const blanks = '[\\s\\u0000-\\u001F\\u200B-\\u200D\\u2060]*';
const atStart = new RegExp(`^(?:${blanks}[${triggers}]|[\\t\\r\\n])`);
/** Where a reader with another separator than the comma, or without an idea of quotes, would begin a new cell. */
const afterSeparator = new RegExp(`([;\\t\\r\\n])(?=${blanks}[${triggers}])`, 'g');

/**
 * The text with a `'` before everything that a spreadsheet could read as a formula (OWASP, "CSV Injection"): at the
 * beginning, and behind what separates cells or lines elsewhere. Nothing else changes.
 */
export function disarm(text: string): string {
  if (!mayBeHarmful.test(text)) return text;
  const guarded = text.replace(afterSeparator, "$1'");
  return atStart.test(text) ? `'${guarded}` : guarded;
}
