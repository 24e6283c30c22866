import { timingSafeEqual } from 'node:crypto';

/** Compares in a time that depends on the lengths alone. */
export function isSameText(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
