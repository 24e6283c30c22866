import type { Logger } from 'pino';
import {
  type RefreshCounts,
  type RefreshDueOptions,
  refreshDueCredentials,
} from '../shops/refresh-due-credentials.ts';
import { runActivity } from './run-activity.ts';

export type TokenActivities = ReturnType<typeof createTokenActivities>;

/** Renewal of access tokens ahead of need. */
export function createTokenActivities(options: RefreshDueOptions & { log: Logger }) {
  const { log } = options;
  return {
    refreshDueTokens: (): Promise<RefreshCounts> =>
      runActivity({ log }, () =>
        refreshDueCredentials({
          ...options,
          onFailure: (credentialId, error) =>
            log.warn({ credentialId, code: error.code, requestId: error.requestId }, 'token refresh failed'),
        }),
      ),
  };
}
