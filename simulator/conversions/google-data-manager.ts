import { randomUUID } from 'node:crypto';
import type { Fault } from '../control/faults.ts';
import { isRecord } from '../files/json-facts.ts';
import type { Reply } from '../platform/reply.ts';
import { jsonBody } from './checks.ts';
import { ingestFault } from './google-events.ts';
import { googleFailure, withoutAccess } from './google-oauth.ts';
import { type ConversionPlatforms, credentials } from './platforms.ts';
import { bodySource, type ConversionCall, type ConversionRoute, jsonReply } from './route.ts';

const mostEvents = 2_000;
const largestAgeMs = 90 * 86_400_000;
const actions: readonly string[] = credentials.google_ads.conversion_actions;

/** `POST /v1/events:ingest` (facts, section 3.3): one malformed event refuses the request; the rest is told later. */
export const googleIngest: ConversionRoute = {
  name: 'google_ingest',
  method: 'POST',
  path: /^\/v1\/events:ingest$/,
  source: (request) => bodySource(request, actions),
  answer: ingest,
  failure,
};

/** `GET /v1/requestStatus:retrieve`: counts failures by their reasons, and names no event. */
export const googleStatus: ConversionRoute = {
  name: 'google_status',
  method: 'GET',
  path: /^\/v1\/requestStatus:retrieve$/,
  source: () => null,
  answer: status,
  failure,
};

function failure({ kind, httpStatus, error, message }: Fault): Reply {
  return kind === 'throttle'
    ? { ...googleFailure(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded'), throttled: true }
    : googleFailure(httpStatus === 200 ? 400 : httpStatus, error ?? 'INTERNAL', message);
}

function ingest({ platforms, request, fault }: ConversionCall): Reply {
  const refused = withoutAccess(platforms, request);
  if (refused !== null) return refused;
  const body = jsonBody(request);
  const destination: unknown = Array.isArray(body?.destinations) ? body.destinations[0] : undefined;
  const { operatingAccount, productDestinationId } = isRecord(destination) ? destination : {};
  const account = isRecord(operatingAccount) ? operatingAccount.accountId : undefined;
  if (account !== credentials.google_ads.customer_id)
    return googleFailure(403, 'PERMISSION_DENIED', 'The caller may not use the operating account');
  const action = String(productDestinationId);
  if (!actions.includes(action))
    return violated('destinations[0].product_destination_id', 'INVALID_DESTINATION');
  if (platforms.limits.take('conversions', action, 'google_ingest') > 0)
    return { ...googleFailure(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded'), throttled: true };
  const events: unknown = body?.events;
  if (!Array.isArray(events) || events.length === 0) return violated('events', 'REQUIRED_FIELD_MISSING');
  if (events.length > mostEvents) return violated('events', 'TOO_MANY_ELEMENTS');
  if (body?.encoding !== 'HEX' && body?.encoding !== 'BASE64')
    return violated('encoding', 'REQUIRED_FIELD_MISSING');
  for (const [position, event] of events.entries()) {
    const wrong = ingestFault(event);
    const unwanted = platforms.refusals.find('google_ads', transactionOf(event));
    if (wrong !== null) return violated(`events[${position}].${wrong.field}`, wrong.reason);
    if (unwanted?.way === 'named') return violated(`events[${position}].ad_identifiers`, unwanted.error);
    if (unwanted?.way === 'unnamed') return googleFailure(400, 'INVALID_ARGUMENT', unwanted.error);
  }
  const requestId = randomUUID();
  const test = body?.validateOnly === true;
  const failures = take(platforms, action, events, test, fault?.kind === 'partial' ? fault.count : 0);
  if (!test) {
    const doneAt = platforms.clock.nowMs() + platforms.settings.processingMs;
    platforms.ingested.set(requestId, { action, size: events.length, failures, doneAt });
  }
  return jsonReply(200, { requestId }, events.length);
}

/** @returns how many failed for each reason */
function take(
  platforms: ConversionPlatforms,
  action: string,
  events: readonly unknown[],
  test: boolean,
  left: number,
): Map<string, number> {
  const ledger = platforms.ledger('google_ads', action);
  const failures = new Map<string, number>();
  for (const [position, event] of events.entries()) {
    const id = transactionOf(event);
    const refusal = platforms.refusals.find('google_ads', id);
    let reason: string | null = null;
    if (position < left) reason = 'INTERNAL_ERROR';
    else if (isTooOld(event, platforms.clock.nowMs())) reason = 'EVENT_TOO_OLD';
    else if (refusal !== null) reason = refusal.error;
    else if (!ledger.take(action, id, platforms.clock.nowMs(), test)) reason = 'DUPLICATE_TRANSACTION_ID';
    if (reason !== null) failures.set(reason, (failures.get(reason) ?? 0) + 1);
  }
  return failures;
}

function status({ platforms, request }: ConversionCall): Reply {
  const refused = withoutAccess(platforms, request);
  if (refused !== null) return refused;
  const found = platforms.ingested.get(request.query.get('requestId') ?? '');
  if (found === undefined) return googleFailure(404, 'NOT_FOUND', 'Request not found');
  const { action, size, failures, doneAt } = found;
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  const state = failed === 0 ? 'SUCCESS' : failed === size ? 'FAILED' : 'PARTIAL_SUCCESS';
  const errorCounts = [...failures].map(([reason, count]) => ({
    recordCount: String(count),
    reason: `PROCESSING_ERROR_REASON_${reason}`,
  }));
  const processing = platforms.clock.nowMs() < doneAt;
  const result = {
    destination: { productDestinationId: action },
    requestStatus: processing ? 'PROCESSING' : state,
    ...(processing || failed === 0 ? {} : { errorInfo: { errorCounts } }),
    ...(processing ? {} : { eventsIngestionStatus: { recordCount: String(size) } }),
  };
  return jsonReply(200, { requestStatusPerDestination: [result] });
}

function isTooOld(event: unknown, nowMs: number): boolean {
  return isRecord(event) && nowMs - Date.parse(String(event.eventTimestamp)) > largestAgeMs;
}

function transactionOf(event: unknown): string {
  return isRecord(event) ? String(event.transactionId) : '';
}

function violated(field: string, reason: string): Reply {
  return googleFailure(400, 'INVALID_ARGUMENT', 'There was a problem with the request.', [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, reason }] },
  ]);
}
