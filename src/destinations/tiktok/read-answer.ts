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
import type { BatchVerdict, PlatformAnswer, Verdict } from '../destination-kind.ts';
import { failedEvents } from './failed-events.ts';
import type { TikTokEntry } from './payload.ts';

const tokenDead = new Set([40102, 40104, 40105]);

/**
 * Reads TikTok's answer. Its errors come inside HTTP 200: only `code` 0 means that the events were taken, and 20001 only
 * for those that its list does not name.
 */
export function readAnswer(answer: PlatformAnswer | null, entries: readonly TikTokEntry[]): BatchVerdict {
  const size = entries.length;
  const envelope = answer === null ? null : jsonObjectOf(answer);
  if (answer === null || envelope === null || !Number.isInteger(envelope.code))
    return withoutEnvelope(answer, size);
  const code = Number(envelope.code);
  const requestId = textOf(envelope.request_id);
  const reason = `${code}: ${platformWords(envelope.message)}`;
  if (code === 0) {
    return answer.status >= 200 && answer.status < 300
      ? allOf(size, { outcome: 'delivered' }, requestId)
      : allOf(size, { outcome: 'unknown', reason: `Code 0 under HTTP ${answer.status}` }, requestId);
  }
  if (code === 20001) return partial(envelope, entries, reason, requestId);
  if (code === 40100 || answer.status === 429)
    return allOf(size, { outcome: 'retry', reason, afterMs: retryAfterMs(answer.headers) }, requestId);
  if (code === 40001)
    return pause(reason, 'Give the access token permission for this pixel, then resume', requestId);
  if (tokenDead.has(code))
    return pause(reason, 'Make a new access token in Events Manager, then resume', requestId);
  if (code >= 40000 && code < 50000) return refused(envelope, size, reason, requestId);
  return allOf(size, { outcome: 'retry', reason, afterMs: null }, requestId);
}

/** A whole request refused; the message of 40002 often names the event (`Batch.0.properties…`). */
function refused(envelope: JsonObject, size: number, reason: string, requestId: string | null): BatchVerdict {
  const named = /\b(?:Batch|data)(?:\.|\[)(\d{1,4})\b/i.exec(String(envelope.message))?.[1];
  if (size > 1 && named !== undefined && Number(named) < size)
    return { kind: 'without', position: Number(named), reason, requestId };
  return rejectedOrSplit(size, reason, requestId);
}

/** An event that is a partial success all by itself: TikTok says nothing else of it however often it is asked. */
const retriesOfOne = 5;

/** The form of the list is not documented: where it does not name events for certain, halves tell who was refused. */
function partial(
  envelope: JsonObject,
  entries: readonly TikTokEntry[],
  reason: string,
  requestId: string | null,
): BatchVerdict {
  const failed = isJsonObject(envelope.data) ? failedEvents(envelope.data, entries) : null;
  if (failed !== null) {
    const verdicts = entries.map((_, position): Verdict => failed.get(position) ?? { outcome: 'delivered' });
    return { kind: 'each', verdicts, requestId };
  }
  return entries.length === 1
    ? allOf(1, { outcome: 'unknown', reason, retries: retriesOfOne }, requestId)
    : { kind: 'split', taken: 'perhaps', reason, requestId };
}

function pause(reason: string, whatToDo: string, requestId: string | null): BatchVerdict {
  return { kind: 'pause', reason: `TikTok answered ${reason}. ${whatToDo}.`, requestId };
}
