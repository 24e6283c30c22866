import { isJsonObject } from '../../json-object.ts';
import { jsonObjectOf, platformWords, rejectedOrSplit, withoutEnvelope } from '../answers.ts';
import type { BatchVerdict, PlatformAnswer, Verdict } from '../destination-kind.ts';
import { errorClass, verdictOf } from './error-classes.ts';
import { errorsIn, wordsOf } from './google-errors.ts';
import type { GoogleAdsEntry } from './payload.ts';
import { pauseFor, readFailure, requestIdOf } from './read-failure.ts';

/**
 * Reads what `uploadClickConversions` answers: rows fail one by one inside HTTP 200. `results` stand in the order of the
 * request, empty where a row failed; why it failed stands in `partialFailureError`.
 */
export function readUpload(answer: PlatformAnswer | null, entries: readonly GoogleAdsEntry[]): BatchVerdict {
  const size = entries.length;
  const body = answer === null ? null : jsonObjectOf(answer);
  if (answer === null || body === null) return withoutEnvelope(answer, size);
  if (answer.status !== 200) return readFailure(answer, body, size);
  const partial = isJsonObject(body.partialFailureError) ? body.partialFailureError : null;
  const requestId = requestIdOf(answer, partial?.details);
  const errors = errorsIn(partial?.details);
  const results: unknown[] = Array.isArray(body.results) ? body.results : [];
  const byRow = new Map(errors.map((error) => [error.position, error]));
  const verdicts = entries.map(({ validateOnly }, position): Verdict => {
    const error = byRow.get(position);
    if (error !== undefined) return verdictOf(error.name, error.message);
    const result = results[position];
    const taken = isJsonObject(result) && Object.keys(result).length > 0;
    // Google answers a mere validation with nothing.
    return taken || (validateOnly && partial === null)
      ? { outcome: 'delivered' }
      : { outcome: 'unknown', reason: 'Google says neither that it was taken nor why it was not' };
  });
  if (partial === null || verdicts.some(({ outcome }) => outcome === 'delivered'))
    return { kind: 'each', verdicts, requestId };
  const paused = errors.find(({ name }) => errorClass(name) === 'pause');
  if (paused !== undefined) return pauseFor(paused, requestId);
  if (errors.some(({ position }) => position !== null && position < size))
    return { kind: 'each', verdicts, requestId };
  const reason = errors[0] === undefined ? platformWords(partial.message) : wordsOf(errors[0]);
  return rejectedOrSplit(size, reason, requestId);
}
