import type { RetryPolicy } from '@temporalio/common';

/**
 * For long activities that resume where they were. A worker that dies is no reason to wait, however often it happens,
 * and Temporal counts a death as an attempt. How long to keep away from an upstream or a platform in trouble is not
 * decided here: breakers and answers say that, as the delay of the failure.
 */
export const soonAgain: RetryPolicy = {
  initialInterval: '500ms',
  backoffCoefficient: 1.5,
  maximumInterval: '3s',
};
