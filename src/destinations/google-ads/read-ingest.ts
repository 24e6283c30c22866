import { isJsonObject, type JsonObject } from '../../json-object.ts';
import { allOf, jsonObjectOf, textOf, withoutEnvelope } from '../answers.ts';
import type { BatchVerdict, PlatformAnswer } from '../destination-kind.ts';
import { errorClass, verdictOf } from './error-classes.ts';
import type { GoogleAdsEntry } from './payload.ts';
import { pauseFor, readFailure } from './read-failure.ts';
import type { GoogleAdsSettings } from './settings.ts';

const firstQuestionMs = 5_000;

/** Reads what `events:ingest` answers: the events were taken in, or none was; what becomes of them is told later. */
export function readIngest(
  answer: PlatformAnswer | null,
  entries: readonly GoogleAdsEntry[],
  settings: GoogleAdsSettings,
): BatchVerdict {
  const size = entries.length;
  const body = answer === null ? null : jsonObjectOf(answer);
  if (answer === null || body === null) return withoutEnvelope(answer, size);
  if (answer.status !== 200) return readFailure(answer, body, size);
  const requestId = textOf(body.requestId);
  // Without the id nobody could ask what became of it.
  if (requestId === null) return withoutEnvelope(answer, size);
  if (entries.every(({ validateOnly }) => validateOnly))
    return allOf(size, { outcome: 'delivered' }, requestId);
  const afterMs = Math.min(firstQuestionMs, settings.result_poll_seconds * 1_000);
  return allOf(size, { outcome: 'processing', afterMs }, requestId);
}

const finished = new Set(['SUCCESS', 'FAILED', 'FAILURE', 'PARTIAL_SUCCESS']);

/**
 * Reads what `requestStatus:retrieve` answers. It counts failures by their reasons and names no event: where one reason
 * does not hold for all, halves have to tell, and the transaction ids keep what was counted from counting twice.
 */
export function readStatus(
  answer: PlatformAnswer | null,
  entries: readonly GoogleAdsEntry[],
  settings: GoogleAdsSettings,
): BatchVerdict {
  const size = entries.length;
  const afterMs = settings.result_poll_seconds * 1_000;
  const again = allOf(size, { outcome: 'processing', afterMs }, null);
  const body = answer === null ? null : jsonObjectOf(answer);
  if (answer === null || body === null) return again;
  if (answer.status === 404)
    return allOf(size, { outcome: 'unknown', reason: 'Google does not know the request any more' }, null);
  if (answer.status !== 200) {
    const failure = readFailure(answer, body, size);
    return failure.kind === 'renew' || failure.kind === 'pause' ? failure : again;
  }
  const list: unknown[] = Array.isArray(body.requestStatusPerDestination)
    ? body.requestStatusPerDestination
    : [];
  const [result] = list;
  if (!isJsonObject(result) || !finished.has(String(result.requestStatus))) return again;
  const failures = failuresOf(result);
  if (result.requestStatus === 'SUCCESS' && failures.length === 0)
    return allOf(size, { outcome: 'delivered' }, null);
  return readFailures(failures, size);
}

interface FailureCount {
  reason: string;
  count: number;
}

function failuresOf(result: JsonObject): FailureCount[] {
  const { errorCounts } = isJsonObject(result.errorInfo) ? result.errorInfo : {};
  if (!Array.isArray(errorCounts)) return [];
  return errorCounts.filter(isJsonObject).map(({ reason, recordCount }) => ({
    reason: (textOf(reason) ?? 'UNSPECIFIED').replace(/^PROCESSING_ERROR_REASON_/, ''),
    // A 64-bit number, which Google writes as text.
    count: /^\d{1,9}$/.test(String(recordCount)) ? Number(recordCount) : 0,
  }));
}

function readFailures(failures: readonly FailureCount[], size: number): BatchVerdict {
  const reason = failures.map(({ reason: name, count }) => `${name} (${count})`).join(', ');
  const paused = failures.find(({ reason: name }) => errorClass(name) === 'pause');
  if (paused !== undefined) return pauseFor({ name: paused.reason, message: '', position: null }, null);
  const [first] = failures;
  if (first !== undefined && failures.every(({ reason: name }) => errorClass(name) === 'counted'))
    return allOf(size, { outcome: 'delivered' }, null);
  if (first !== undefined && failures.length === 1 && (size === 1 || first.count >= size))
    return allOf(size, verdictOf(first.reason, ''), null);
  return size === 1
    ? allOf(1, { outcome: 'unknown', reason: reason || 'Google does not say why it failed' }, null)
    : { kind: 'split', taken: 'perhaps', reason: reason || 'Some events failed', requestId: null };
}
