import { isRecord } from '../files/json-facts.ts';
import type { PlatformRequest } from '../platform/request.ts';

export const digest = /^[0-9a-f]{64}$/;

/** @returns the body as a JSON object, or null */
export function jsonBody(request: PlatformRequest): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8'));
    return isRecord(body) ? body : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** One digest, or a list of at least one. */
export function isDigests(value: unknown): boolean {
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((entry) => typeof entry === 'string' && digest.test(entry));
}

/** @returns what is wrong with a time in Unix seconds; null when nothing is */
export function timeFault(value: unknown, nowSeconds: number, largestAgeDays: number): string | null {
  if (typeof value !== 'number' || !Number.isInteger(value)) return 'Not a valid integer';
  if (value > 100_000_000_000) return 'Must be in seconds, not in milliseconds';
  if (value > nowSeconds + 600) return 'Must not be in the future';
  return nowSeconds - value > largestAgeDays * 86_400 ? `Older than ${largestAgeDays} days` : null;
}
