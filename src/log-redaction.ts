/**
 * Keeps secrets and personal data out of the log. Callers are expected to log neither; this is the net below them.
 */

export const REDACTED = '[redacted]';
const DEEPEST = 8;

/** Compared in lower case without `_`, `-` and spaces. */
const personalKeys = new Set([
  'name',
  'firstname',
  'lastname',
  'fullname',
  'recipientname',
  'address',
  'addressline',
  'addressdetail',
  'addressline1',
  'addressline2',
  'addressline3',
  'addressline4',
  'fulladdress',
  'recipientaddress',
  'shippingaddress',
  'postalcode',
  'zipcode',
  'buyermessage',
  'sellernote',
  'cpf',
  'taxid',
  'authcode',
  'sign',
]);
const telling =
  /token|secret|password|passwd|authorization|cookie|apikey|encryptionkey|cipher|databaseurl|email|phone/;

function isTelling(key: string, value: unknown): boolean {
  const plain = key.toLowerCase().replace(/[-_\s]/g, '');
  if (personalKeys.has(plain)) return true;
  // Counters and flags such as `tokenVersion` tell nothing; a telephone number may come as a number.
  if ((typeof value === 'number' && !plain.includes('phone')) || typeof value === 'boolean') return false;
  return telling.test(plain);
}

/** A copy whose telling fields are replaced, at any depth; errors become plain objects. */
export function redact(value: unknown, depth = 0, seen: readonly object[] = []): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST || seen.includes(value)) return '[…]';
  const path = [...seen, value];
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1, path));
  if (value instanceof Error) return redactError(value, depth, path);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  return redactFields(value, depth, path);
}

function redactFields(value: object, depth: number, path: readonly object[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const nothing = item === null || item === undefined;
    copy[key] = !nothing && isTelling(key, item) ? REDACTED : redact(item, depth + 1, path);
  }
  return copy;
}

function redactError(error: Error, depth: number, path: readonly object[]): Record<string, unknown> {
  const { cause } = error;
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    // What libraries hang on their errors (a failed statement's parameters, a request) may be anything: codes only.
    ...('code' in error ? { code: redact(error.code, depth + 1, path) } : {}),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1, path) }),
  };
}

const query = /(\bhttps?:\/\/[^\s"'<>?\\#]*|\/[\w./{}~-]*)\?[^\s"'<>\\]+/g;
const userInfo = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]+@/gi;
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
const ownKey = /\btdl_[\w-]{20,}/g;

/** Takes queries and passwords out of addresses, and bearer values out of free text (a whole line of JSON too). */
export function scrub(text: string): string {
  return text
    .replace(query, `$1?${REDACTED}`)
    .replace(userInfo, `$1${REDACTED}@`)
    .replace(bearer, `$1 ${REDACTED}`)
    .replace(ownKey, REDACTED);
}
