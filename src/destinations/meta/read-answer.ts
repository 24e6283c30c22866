import { isJsonObject, type JsonObject } from '../../json-object.ts';
import {
  allOf,
  jsonObjectOf,
  platformWords,
  rejectedOrSplit,
  retryAfterMs,
  textOf,
  withoutEnvelope,
} from '../answers.ts';
import type { BatchVerdict, PlatformAnswer } from '../destination-kind.ts';
import type { MetaEntry } from './payload.ts';

/** "Handling errors", Graph API; rate limits among them, where the usual wait grows. */
const passing = new Set([1, 2, 4, 17, 32, 341, 368, 613, 5000, 21009, 80003, 80004]);
const tokenDead = new Set([102, 190]);
const invalid = new Set([3, 100, 105]);
const unknownPixel = 33;

/**
 * Reads Meta's answer. All events of a request are taken or none, so what `events_received` leaves out is no delivery of
 * anybody.
 */
export function readAnswer(answer: PlatformAnswer | null, entries: readonly MetaEntry[]): BatchVerdict {
  const size = entries.length;
  const body = answer === null ? null : jsonObjectOf(answer);
  if (answer === null || body === null) return withoutEnvelope(answer, size);
  if (isJsonObject(body.error)) return failed(body.error, answer, size);
  if (answer.status < 200 || answer.status >= 300 || typeof body.events_received !== 'number')
    return withoutEnvelope(answer, size);
  const requestId = textOf(body.fbtrace_id);
  if (body.events_received === size) return allOf(size, { outcome: 'delivered' }, requestId);
  const reason = `Meta received ${body.events_received} of ${size} events`;
  return size === 1
    ? allOf(1, { outcome: 'unknown', reason }, requestId)
    : { kind: 'split', taken: 'perhaps', reason, requestId };
}

function failed(error: JsonObject, answer: PlatformAnswer, size: number): BatchVerdict {
  const code = typeof error.code === 'number' ? error.code : Number.NaN;
  const subcode = typeof error.error_subcode === 'number' ? error.error_subcode : null;
  const requestId = textOf(error.fbtrace_id);
  const number = subcode === null ? `${code}` : `${code}/${subcode}`;
  const words = [error.message, error.error_user_msg].map(platformWords).filter((text) => text !== '');
  const reason = `${number}: ${words.join(' ')}`;
  const pause = (whatToDo: string): BatchVerdict => ({
    kind: 'pause',
    reason: `Meta answered ${reason}. ${whatToDo}.`,
    requestId,
  });
  if (error.is_transient !== true) {
    if (tokenDead.has(code)) return pause('Make a new access token in Events Manager, then resume');
    if (code === 10 || (code >= 200 && code < 300) || (code === 100 && subcode === unknownPixel))
      return pause('Check the pixel and give the access token permission for it, then resume');
    if (invalid.has(code)) return rejectedOrSplit(size, reason, requestId);
  }
  // A code that nobody has described may pass as well: what is no refusal of an event must not end as one.
  const afterMs = retryAfterMs(answer.headers);
  return passing.has(code) || error.is_transient === true || answer.status < 500
    ? allOf(size, { outcome: 'retry', reason, afterMs }, requestId)
    : allOf(size, { outcome: 'unknown', reason }, requestId);
}
