import { hash } from 'node:crypto';

const sha256 = /^[0-9a-f]{64}$/i;

export function isSha256(value: string): boolean {
  return sha256.test(value);
}

/** @returns the lower-case hex SHA-256 of the UTF-8 bytes */
export function sha256Of(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * Makes of a personal value what platforms match by. A value that comes as a digest (64 hex digits) is passed on, never
 * hashed twice.
 *
 * @param normalize the platform's form of the value; an empty text or null where there is nothing to hash
 * @returns the digest, or undefined
 */
export function hashed(
  value: string | undefined,
  normalize: (value: string) => string | null,
): string | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  if (isSha256(text)) return text.toLowerCase();
  const normalized = normalize(text);
  return normalized === null || normalized === '' ? undefined : sha256Of(normalized);
}

/** @returns the digests of a list, each once; undefined where none is left */
export function allHashed(
  values: readonly string[] | undefined,
  normalize: (value: string) => string | null,
): string[] | undefined {
  if (values === undefined) return undefined;
  const digests = new Set<string>();
  for (const value of values) {
    const digest = hashed(value, normalize);
    if (digest !== undefined) digests.add(digest);
  }
  return digests.size === 0 ? undefined : [...digests];
}
