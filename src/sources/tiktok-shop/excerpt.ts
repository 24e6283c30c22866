const longest = 300;

/**
 * The beginning of a text from upstream, fit for errors and logs: markup, control characters, e-mail addresses,
 * phone numbers and anything that looks like a token or key are taken out.
 *
 * @returns at most 300 characters on one line.
 */
export function excerpt(text: string): string {
  const plain = text
    .slice(0, 4_000)
    .replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the purpose.
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[^\s@<>"']+@[^\s@<>"']+\.[^\s@<>"']+/g, '[e-mail]')
    .replace(/\+\d[\d ().-]{6,}\d/g, '[phone]')
    .replace(/[\w~+/=-]{24,}/g, (run) => (/\d/.test(run) ? '[secret]' : run))
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain;
}
