import { parseExactJson } from '../../json.ts';
import { DriftNotes } from '../../streams/drift.ts';
import type { AnalyticsRequest, Chain, DayOfShop, DayRows } from '../chain.ts';

/** A day of a shop in California. */
export function dayOf(fields: Partial<DayOfShop> = {}): DayOfShop {
  const date = { date: '2026-03-01', nextDate: '2026-03-02', from: 1772352000, to: 1772438400 };
  return { ...date, age: 3, notes: new DriftNotes(), ...fields };
}

/** Follows a chain with answers made from its requests; ids are read as the client reads them. */
export function follow(
  chain: Chain,
  answer: (request: AnalyticsRequest, call: number) => string,
): { rows: DayRows; requests: AnalyticsRequest[] } {
  const requests: AnalyticsRequest[] = [];
  let step = chain.next();
  while (!step.done) {
    requests.push(step.value);
    const data = parseExactJson(answer(step.value, requests.length)) as Record<string, unknown>;
    step = chain.next({ data, pageId: 100 + requests.length });
  }
  return { rows: step.value, requests };
}

/** Money as TikTok writes it. */
export const dollars = (amount: string): string => `{"amount":"${amount}","currency":"USD"}`;
