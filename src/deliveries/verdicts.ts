import type { Verdict } from '../destinations/destination-kind.ts';
import { outcomeUnknown, type PreparedDelivery } from './prepare.ts';
import { retryWaitMs } from './retry-schedule.ts';
import type { AttemptSettlement } from './settlements.ts';

export const unmatched = 'UNMATCHED';

/** What stays as it is while a delivery goes into another request at once. */
function again(
  prepared: PreparedDelivery,
  position: number,
  outcome: string,
  reason: string,
): AttemptSettlement {
  return {
    deliveryId: prepared.delivery.delivery_id,
    platformEvent: prepared.platformEvent,
    position,
    outcome,
    status: 'SENDING',
    reason,
    dueInMs: null,
    countsAsRetry: false,
    maybeCounted: false,
    awaitedRequest: null,
  };
}

/** It goes into a smaller request at once. */
export function resent(
  prepared: PreparedDelivery,
  position: number,
  reason: string,
  maybeCounted: boolean,
): AttemptSettlement {
  return { ...again(prepared, position, 'resent', reason), maybeCounted };
}

/** It waits, with nothing used up, until the destination is mended. */
export function putBack(prepared: PreparedDelivery, position: number, reason: string): AttemptSettlement {
  return { ...again(prepared, position, 'paused', reason), status: 'PENDING', dueInMs: 0 };
}

/**
 * What the platform's word on one event makes of its delivery.
 *
 * @param requestKey the request that the verdict belongs to
 */
export function applyVerdict(
  prepared: PreparedDelivery,
  position: number,
  verdict: Verdict,
  requestKey: number,
): AttemptSettlement {
  const { retries } = prepared.delivery;
  const reason = 'reason' in verdict ? verdict.reason : null;
  const base = { ...again(prepared, position, verdict.outcome, reason ?? ''), reason };
  switch (verdict.outcome) {
    case 'delivered':
      return { ...base, status: 'DELIVERED', maybeCounted: true };
    case 'rejected':
      return { ...base, status: 'FAILED' };
    case 'unmatched':
      return { ...base, status: 'FAILED', reason: unmatched };
    case 'retry':
      return {
        ...base,
        status: 'RETRYING',
        dueInMs: retryWaitMs(retries, verdict.afterMs),
        countsAsRetry: true,
      };
    case 'unknown':
      if (retries >= (verdict.retries ?? Number.POSITIVE_INFINITY)) {
        return { ...base, status: 'FAILED', reason: outcomeUnknown, maybeCounted: true };
      }
      return {
        ...base,
        status: 'RETRYING',
        dueInMs: retryWaitMs(retries, null),
        countsAsRetry: true,
        maybeCounted: true,
      };
    case 'processing':
      return {
        ...base,
        reason: 'The platform has taken it and tells its result later',
        dueInMs: verdict.afterMs,
        maybeCounted: true,
        awaitedRequest: requestKey,
      };
  }
}
