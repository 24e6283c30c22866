import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { type FailureDetails, failureTypes } from '../activities/failure-types.ts';
import type { RunError } from '../sync/types.ts';

/** What a failed activity means for its run: it waits for the shop to be connected again, or it has failed. */
export function failureOf(error: unknown): { kind: 'disconnected' | 'failed'; error: RunError } {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) throw error;
  const [details] = (error.cause.details ?? []) as [FailureDetails?];
  return {
    kind: error.cause.type === failureTypes.shopDisconnected ? 'disconnected' : 'failed',
    error: details?.error ?? {
      code: 'internal-error',
      title: error.cause.message,
      action: 'Look for this run in the Temporal UI.',
      request_id: null,
    },
  };
}
