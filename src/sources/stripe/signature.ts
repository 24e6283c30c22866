import { createHmac } from 'node:crypto';
import { isSameText } from '../same-text.ts';

/** Stripe's default: an older signature may be a replay. Seconds, both ways. */
const toleranceSeconds = 300;

/**
 * Whether the `Stripe-Signature` header signs exactly these bytes, recently, with one of the secrets. While a secret is
 * rolled Stripe sends several `v1`; other schemes are not looked at (docs.stripe.com/webhooks/signature).
 *
 * @param now Unix seconds.
 */
export function isSignedByStripe(
  body: Buffer,
  header: string | undefined,
  secrets: readonly string[],
  now: number,
): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('=', 2));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(time) || Math.abs(now - Number(time)) > toleranceSeconds) return false;
  const given = parts.filter(([name]) => name === 'v1').map(([, value]) => value ?? '');
  const expected = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex'),
  );
  // Every pair is compared, so that the time taken tells nothing of where one fits.
  return given.flatMap((one) => expected.map((other) => isSameText(one, other))).some(Boolean);
}
