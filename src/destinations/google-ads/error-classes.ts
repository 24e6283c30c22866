import type { Verdict } from '../destination-kind.ts';

const errorClasses = {
  retry: [
    'INTERNAL_ERROR',
    'TRANSIENT_ERROR',
    'DEADLINE_EXCEEDED',
    'CONCURRENT_MODIFICATION',
    'RESOURCE_EXHAUSTED',
    'RESOURCE_TEMPORARILY_EXHAUSTED',
    // Of two that are alike one was counted: sent alone, the other is told so.
    'DUPLICATE_ORDER_ID',
    'DUPLICATE_CLICK_CONVERSION_IN_REQUEST',
    'OAUTH_TOKEN_EXPIRED',
  ],
  tooRecent: ['TOO_RECENT_EVENT', 'TOO_RECENT_CALL', 'TOO_RECENT_CONVERSION_ACTION'],
  unmatched: ['EVENT_NOT_FOUND', 'CLICK_NOT_FOUND'],
  counted: [
    'CLICK_CONVERSION_ALREADY_EXISTS',
    'ORDER_ID_ALREADY_IN_USE',
    'DUPLICATE_TRANSACTION_ID',
    'DUPLICATE_GCLID',
  ],
  pause: [
    'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE',
    'INVALID_CUSTOMER_FOR_CLICK',
    'UNAUTHORIZED_CUSTOMER',
    'NO_CONVERSION_ACTION_FOUND',
    'INVALID_CONVERSION_ACTION_TYPE',
    'CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS',
    'CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS',
    'DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED',
    'OAUTH_TOKEN_REVOKED',
    'USER_PERMISSION_DENIED',
    'CUSTOMER_NOT_FOUND',
    'CUSTOMER_NOT_ENABLED',
  ],
} as const;

const pausePrefixes = [
  'DEVELOPER_TOKEN_',
  'CONVERSION_TRACKING_NOT_ENABLED',
  'DESTINATION_ACCOUNT_DATA_POLICY_',
];

const tooRecentMs = 6 * 3_600_000;

/** @returns what an error of Google Ads or of Data Manager stands for; one that nobody has described is a refusal */
export function errorClass(error: string): keyof typeof errorClasses | 'rejected' {
  if (pausePrefixes.some((prefix) => error.startsWith(prefix))) return 'pause';
  for (const name of ['retry', 'tooRecent', 'unmatched', 'counted', 'pause'] as const) {
    const errors: readonly string[] = errorClasses[name];
    if (errors.includes(error)) return name;
  }
  return 'rejected';
}

/** @returns what an error says of one event */
export function verdictOf(error: string, message: string): Verdict {
  const reason = message === '' ? error : `${error}: ${message}`;
  switch (errorClass(error)) {
    case 'retry':
      return { outcome: 'retry', reason, afterMs: null };
    case 'tooRecent':
      return { outcome: 'retry', reason, afterMs: tooRecentMs };
    case 'unmatched':
      return { outcome: 'unmatched', reason };
    case 'counted':
      return { outcome: 'delivered' };
    default:
      return { outcome: 'rejected', reason };
  }
}
