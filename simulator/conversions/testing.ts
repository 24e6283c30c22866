import { createHash } from 'node:crypto';
import { isRecord } from '../files/json-facts.ts';
import type { RunningSimulator } from '../index.ts';
import type { LedgerEntry } from './ledger.ts';

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** One call of the control API; throws when it is refused. */
export async function callControl(
  simulator: Pick<RunningSimulator, 'controlUrl'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${simulator.controlUrl}/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  const answer: unknown = await response.json();
  return isRecord(answer) ? answer : {};
}

/** What the platforms have counted; `query` such as `?platform=tiktok&test=true`. */
export async function ledgerOf(
  simulator: Pick<RunningSimulator, 'controlUrl'>,
  query = '',
): Promise<(LedgerEntry & { platform: string; source: string })[]> {
  const response = await fetch(`${simulator.controlUrl}/conversions/ledger${query}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}
