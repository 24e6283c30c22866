import type { Account } from './contents.ts';
import { readChoice } from './request.ts';

const current = ['ALL', 'OFFICIAL_ACCOUNTS', 'MARKETING_ACCOUNTS', 'AFFILIATE_ACCOUNTS'] as const;
const early = ['ALL', 'LINKED_ACCOUNTS', 'AFFILIATES'] as const;
const newest = ['ALL', 'LINKED_ACCOUNTS', 'AFFILIATE_ACCOUNTS'] as const;
export const accountNames = { current, early, newest };

/** Whether the shop itself is behind the account. */
export function isOwn(account: Account): boolean {
  return account.type !== 'AFFILIATE_ACCOUNTS';
}

/** The filter `account_type`, whose values differ from version to version. Throws a Refused for another value. */
export function readAccountFilter(
  query: ReadonlyMap<string, string>,
  names: keyof typeof accountNames,
): (account: Account) => boolean {
  const wanted = readChoice<string>(query, 'account_type', accountNames[names]);
  if (wanted === 'ALL') return () => true;
  if (wanted === 'LINKED_ACCOUNTS') return isOwn;
  if (wanted === 'AFFILIATES') return (account) => !isOwn(account);
  return (account) => account.type === wanted;
}
