import { isJsonObject, type JsonObject } from '../../json-object.ts';
import { allOf, platformWords, rejectedOrSplit, retryAfterMs, textOf, withoutEnvelope } from '../answers.ts';
import type { BatchVerdict, PlatformAnswer } from '../destination-kind.ts';
import { errorClass, verdictOf } from './error-classes.ts';
import { errorsIn, type GoogleError, wordsOf } from './google-errors.ts';

const whatToDo = new Map([
  ['CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE', 'Use the Data Manager API (GOOGLE_UPLOAD_API=data_manager)'],
  ['OAUTH_TOKEN_REVOKED', 'Grant access once more and set the new refresh token'],
]);

/** Of these Google says that nothing was done. */
const notDone = new Set(['RESOURCE_EXHAUSTED', 'UNAVAILABLE', 'ABORTED']);

export function pauseFor(error: GoogleError, requestId: string | null): BatchVerdict {
  const action = whatToDo.get(error.name) ?? 'Check the account, the conversion action and who may use them';
  return { kind: 'pause', reason: `Google answered ${wordsOf(error)}. ${action}, then resume.`, requestId };
}

/** Reads an answer of either API that refuses the whole request: `{error: {code, message, status, details}}`. */
export function readFailure(answer: PlatformAnswer, body: JsonObject, size: number): BatchVerdict {
  if (!isJsonObject(body.error)) return withoutEnvelope(answer, size);
  const { details, message } = body.error;
  const status = textOf(body.error.status) ?? `HTTP ${answer.status}`;
  const requestId = requestIdOf(answer, details);
  const errors = errorsIn(details);
  const error = errors[0] ?? { name: status, message: platformWords(message), position: null };
  const reason = wordsOf(error);
  const paused = errors.find(({ name }) => errorClass(name) === 'pause');
  if (paused !== undefined) return pauseFor(paused, requestId);
  if (answer.status === 401) return { kind: 'renew', reason, requestId };
  if (answer.status === 403 || answer.status === 404) return pauseFor(error, requestId);
  if (answer.status === 429 || notDone.has(status))
    return allOf(size, { outcome: 'retry', reason, afterMs: retryAfterMs(answer.headers) }, requestId);
  if (answer.status >= 500) return allOf(size, { outcome: 'unknown', reason }, requestId);
  const row = errors.find(({ position }) => position !== null && position < size);
  if (size > 1 && row !== undefined && row.position !== null)
    return { kind: 'without', position: row.position, reason: wordsOf(row), requestId };
  const verdict = verdictOf(error.name, error.message);
  return verdict.outcome === 'retry'
    ? allOf(size, verdict, requestId)
    : rejectedOrSplit(size, reason, requestId);
}

/** @returns the id by which Google's support finds the request */
export function requestIdOf(answer: PlatformAnswer, details: unknown): string | null {
  const list: unknown[] = Array.isArray(details) ? details : [];
  const detail = list.filter(isJsonObject).find(({ requestId }) => textOf(requestId) !== null);
  return textOf(answer.headers['request-id']) ?? textOf(detail?.requestId);
}
