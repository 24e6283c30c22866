import { createHmac } from 'node:crypto';

/** A query value as callers give it; `undefined` leaves the parameter out. */
export type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;

export interface Signable {
  appSecret: string;
  /** Platform path: no host, no query, no prefix of a stand-in. */
  path: string;
  /** Decoded values, `app_key` and `timestamp` included. */
  query: Readonly<Record<string, string>>;
  contentType: string;
  /** The very bytes that are sent, or null. */
  body: Buffer | string | null;
}

/** Never part of the signature (TikTok Shop Partner Center, "Sign your API request"). */
const unsigned = new Set(['sign', 'access_token', 'x-tts-access-token']);

/**
 * Signs one request: lower-case hex HMAC-SHA256 over secret, path, sorted names and values, body bytes, secret.
 * Bodies are signed byte for byte; of multipart bodies nothing is signed
 * (TikTok Shop Partner Center, "Sign your API request").
 */
export function sign({ appSecret, path, query, contentType, body }: Signable): string {
  const hmac = createHmac('sha256', appSecret);
  hmac.update(appSecret + path + signedParameters(query));
  if (body !== null && !isMultipart(contentType)) hmac.update(body);
  return hmac.update(appSecret).digest('hex');
}

/** The text that {@link sign} hashes; holds the secret, so it is for tests and never for logs. */
export function signatureBase({ appSecret, path, query, contentType, body }: Signable): string {
  const signedBody = body === null || isMultipart(contentType) ? '' : body.toString();
  return appSecret + path + signedParameters(query) + signedBody + appSecret;
}

/**
 * Query values as they are signed and sent: arrays are one comma-joined value, booleans are `true` and `false`.
 * An empty text stays: it travels as `name=` and is signed as its bare name.
 */
export function stringifyQuery(query: Readonly<Record<string, QueryValue>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(',') : String(value);
  }
  return result;
}

/** Percent-encodes a query; what the platform decodes is exactly what was signed. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

function signedParameters(query: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name of Object.keys(query).sort(byBytes)) {
    if (!unsigned.has(name)) text += name + query[name];
  }
  return text;
}

/** UTF-16 order equals byte order for the platform's ASCII names: upper case, `_`, lower case. */
function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function isMultipart(contentType: string): boolean {
  return contentType.trimStart().toLowerCase().startsWith('multipart/form-data');
}
