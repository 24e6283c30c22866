import { parseRetryAfter } from '../http/retry-after.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { BatchVerdict, PlatformAnswer, Verdict } from './destination-kind.ts';

/** @returns the body where it is a JSON object; null for anything else, an HTML page or half a document */
export function jsonObjectOf({ body }: PlatformAnswer): JsonObject | null {
  let value: unknown;
  try {
    value = JSON.parse(body.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return isJsonObject(value) ? value : null;
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

const mostCharacters = 300;

/**
 * A platform's own words, short enough for a list and without what they may repeat of a person or a token: addresses
 * with an at sign, digests and other long runs of letters and digits.
 */
export function platformWords(value: unknown): string {
  if (typeof value !== 'string') return '';
  const words = value
    .slice(0, 2_000)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[^\s@"'<>]+@[^\s@"'<>]+/g, '…')
    .replace(/[A-Za-z0-9]{32,}/g, '…')
    .trim();
  return words.length > mostCharacters ? `${words.slice(0, mostCharacters)}…` : words;
}

/** The same for every event of the batch. */
export function allOf(size: number, verdict: Verdict, requestId: string | null): BatchVerdict {
  return { kind: 'each', verdicts: Array.from({ length: size }, () => verdict), requestId };
}

/** Nothing was taken because of some event: the only one is refused, several are halved until it stands alone. */
export function rejectedOrSplit(size: number, reason: string, requestId: string | null): BatchVerdict {
  return size === 1
    ? allOf(1, { outcome: 'rejected', reason }, requestId)
    : { kind: 'split', taken: 'nothing', reason, requestId };
}

/**
 * What an answer says that is none of the platform's API: none at all, a gateway's page, half a document.
 *
 * Whoever sits between us and the platform does not know whether it took the request; only a refusal (4xx) says that it
 * did not.
 */
export function withoutEnvelope(answer: PlatformAnswer | null, size: number): BatchVerdict {
  if (answer === null) return allOf(size, { outcome: 'unknown', reason: 'No whole answer came' }, null);
  const { status, headers } = answer;
  if (status === 413) return rejectedOrSplit(size, 'HTTP 413: the request is too large', null);
  const reason = `HTTP ${status} without an answer of the platform's API`;
  if (status >= 400 && status < 500 && status !== 408)
    return allOf(size, { outcome: 'retry', reason, afterMs: retryAfterMs(headers) }, null);
  return allOf(size, { outcome: 'unknown', reason }, null);
}

/** @returns milliseconds that the answer asks to wait, a date counted from its own `Date`; null where it asks nothing */
export function retryAfterMs(headers: PlatformAnswer['headers']): number | null {
  const waitMs = parseRetryAfter(headers['retry-after'], Date.parse(headers.date ?? ''));
  return Number.isNaN(waitMs) ? null : waitMs;
}
