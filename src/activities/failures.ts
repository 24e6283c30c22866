import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { databaseCode, isPassingDatabaseTrouble } from '../db/passing-trouble.ts';
import { TidelineError } from '../errors.ts';
import { ApiError } from '../sources/tiktok-shop/errors.ts';
import type { RunError } from '../sync/types.ts';
import { type FailureDetails, failureTypes } from './failure-types.ts';

/** Attempts after which a defect of ours ends the run instead of being tried for ever. */
const mostAttemptsOfADefect = 6;
const longestMessage = 500;

export interface FailureContext {
  /** Of Temporal, from 1. */
  attempt: number;
  /** Told about what is a defect of ours; the failure itself carries no more than a reference. */
  reportDefect(error: unknown): void;
}

/** How a person should see an error of a run. */
export function describeError(error: unknown): RunError {
  if (error instanceof TidelineError) {
    return {
      code: error.code,
      title: error.message.slice(0, longestMessage),
      action: error.action ?? null,
      request_id: error instanceof ApiError ? error.requestId : null,
    };
  }
  const code = databaseCode(error);
  if (code !== null) {
    return {
      code: 'database-unavailable',
      title: `The database did not take the write (${code}).`,
      action: 'Check that PostgreSQL is up and has space; the sync goes on by itself.',
      request_id: null,
    };
  }
  return {
    code: 'internal-error',
    title: 'A defect of Tideline stopped this step.',
    action: 'Look for this run in the worker log and report it to the makers of Tideline.',
    request_id: null,
  };
}

/**
 * The Temporal failure for whatever an activity threw. Failures carry a code, TikTok's request id and a short text:
 * no body, no query, no row. Cancellation passes as it is.
 */
export function toFailure(error: unknown, context: FailureContext): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const details: FailureDetails = { error: describeError(error) };
  const make = (type: string, nonRetryable: boolean, nextRetryDelay?: number): ApplicationFailure =>
    ApplicationFailure.create({
      type,
      message: details.error.title,
      nonRetryable,
      details: [details],
      ...(nextRetryDelay === undefined ? {} : { nextRetryDelay }),
    });

  if (error instanceof ApiError && error.kind === 'disconnected')
    return make(failureTypes.shopDisconnected, true);
  if (error instanceof TidelineError) {
    if (error.actor !== 'retry') return make(failureTypes.runFailed, true);
    const delay = error instanceof ApiError ? error.retryAfterMs : null;
    return make(failureTypes.upstreamUnavailable, false, delay ?? undefined);
  }
  if (isPassingDatabaseTrouble(error)) return make(failureTypes.databaseUnavailable, false);
  context.reportDefect(error);
  return make(failureTypes.runFailed, context.attempt >= mostAttemptsOfADefect);
}
