import type { RunError } from '../sync/types.ts';

/** Types of the failures that activities end with; workflows decide by them. */
export const failureTypes = {
  /** The grant is dead: the run waits until the shop is connected again. */
  shopDisconnected: 'ShopDisconnected',
  /** Nothing that waiting mends: the run fails. */
  runFailed: 'RunFailed',
  upstreamUnavailable: 'UpstreamUnavailable',
  databaseUnavailable: 'DatabaseUnavailable',
} as const;

export interface FailureDetails {
  error: RunError;
}
