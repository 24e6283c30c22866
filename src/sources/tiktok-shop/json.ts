/** Digits of the shortest integer that a JavaScript number may not hold. */
const fewestDigits = 16;
const integer = /^-?[1-9]\d{15,}$/;

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;

/**
 * `JSON.parse` that keeps 64-bit integers exact: an integer that a JavaScript number cannot hold comes back as its
 * digits in a string; everything else is what `JSON.parse` makes of it. A leading byte order mark is skipped.
 *
 * TikTok sends ids as strings, but some webhook and analytics ids as bare integers above 2^53
 * (TikTok Shop Partner Center, "Webhooks overview").
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactJson(text: string): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return JSON.parse(mayHoldLongInteger(json) ? quoteUnsafeIntegers(json) : json);
}

/**
 * Whether a long integer may stand outside a string. Of any sixteen characters one has a position that is looked at:
 * a page of orders is searched in a tenth of a regular expression's time. Being wrong costs time only, never
 * exactness.
 */
function mayHoldLongInteger(json: string): boolean {
  for (let at = fewestDigits - 1; at < json.length; at += fewestDigits) {
    if (!isDigit(json.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(json.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (isDigit(json.charCodeAt(end))) end++;
    if (end - start >= fewestDigits && isValuePosition(json, start)) return true;
    // What has been looked at is not looked at again: a run of digits may be as long as the text.
    at = Math.max(at, end - fewestDigits);
  }
  return false;
}

/** Whether a number may begin here, its sign included. */
function isValuePosition(json: string, start: number): boolean {
  let before = start - 1;
  if (json.charCodeAt(before) === minus) before--;
  while (before >= 0 && json.charCodeAt(before) <= 0x20) before--;
  return before < 0 || ':,['.includes(json.charAt(before));
}

/** Walks over strings and numbers only: everything else is left for `JSON.parse` to judge. */
function quoteUnsafeIntegers(json: string): string {
  let result = '';
  let copied = 0;
  let at = 0;
  while (at < json.length) {
    const code = json.charCodeAt(at);
    if (code === quote) {
      at = endOfString(json, at);
    } else if (code === minus || isDigit(code)) {
      const end = endOfNumber(json, at);
      const token = json.slice(at, end);
      if (integer.test(token) && !Number.isSafeInteger(Number(token)) && !isKeyPosition(json, end)) {
        result += `${json.slice(copied, at)}"${token}"`;
        copied = end;
      }
      at = end;
    } else {
      at++;
    }
  }
  return copied === 0 ? json : result + json.slice(copied);
}

/** Position behind the string that opens at `start`, or the text's end when it never closes. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end !== -1) {
    let before = end - 1;
    while (json.charCodeAt(before) === backslash) before--;
    if ((end - before) % 2 === 1) return end + 1;
    end = json.indexOf('"', end + 1);
  }
  return json.length;
}

function endOfNumber(json: string, start: number): number {
  let end = start + 1;
  while (end < json.length && isNumberPart(json.charCodeAt(end))) end++;
  return end;
}

/** A number before a colon is an error that must stay one: quoted, it would become a key. */
function isKeyPosition(json: string, from: number): boolean {
  let at = from;
  while (at < json.length && json.charCodeAt(at) <= 0x20) at++;
  return json[at] === ':';
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Digits, `+`, `-`, `.`, `E`, `e`. */
function isNumberPart(code: number): boolean {
  return isDigit(code) || code === 0x2b || code === minus || code === 0x2e || code === 0x45 || code === 0x65;
}
