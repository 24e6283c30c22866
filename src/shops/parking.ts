import type { Sql, Transaction } from '../db/pool.ts';
import { ApiError, type StoredError, toStoredError } from '../sources/tiktok-shop/errors.ts';

/** Told after shops were parked, so that their runs can be paused. */
export type OnParked = (shopIds: readonly string[], error: ApiError) => void;

/** A grant is dead: it and every active shop that it opens wait for their seller. Returns the shops parked. */
export async function parkGrant(tx: Transaction, credentialId: number, error: ApiError): Promise<string[]> {
  await tx`
    update credentials set status = 'revoked', refresh_started_at = null where credential_id = ${credentialId}`;
  const parked = await tx<{ shop_id: string }[]>`
    update shops set status = 'parked', parked_reason = ${error.code},
      last_error = ${tx.json({ ...toStoredError(error) })}, access_ended_at = now(), updated_at = now()
    where credential_id = ${credentialId} and status = 'active'
    returning shop_id`;
  return parked.map((row) => row.shop_id);
}

/**
 * One shop cannot be read any more although its grant may live (permission missing, shop inactive): it waits until
 * it is connected again. Returns whether it was active until now.
 */
export async function parkShop(sql: Sql, shopId: string, error: ApiError): Promise<boolean> {
  const parked = await sql`
    update shops set status = 'parked', parked_reason = ${error.code},
      last_error = ${sql.json({ ...toStoredError(error) })}, updated_at = now()
    where shop_id = ${shopId} and status = 'active'`;
  return parked.count > 0;
}

/** What a call for a shop that is not active gets, without asking TikTok. */
export function notActive(status: 'parked' | 'disconnected', lastError: StoredError | null): ApiError {
  if (status === 'disconnected') {
    return new ApiError({
      kind: 'disconnected',
      code: 'shop-disconnected',
      message: 'The shop is disconnected.',
      action: 'Connect the shop again.',
    });
  }
  return new ApiError({
    kind: 'disconnected',
    code: lastError?.code ?? 'shop-parked',
    message: lastError?.title ?? 'The shop waits for its seller to connect it again.',
    action: lastError?.action ?? 'Connect the shop again.',
    requestId: lastError?.request_id ?? null,
  });
}
