import { addDays, type Day, daysBetween, isDay } from './days.ts';

/** Whole days of the shop, both included. */
export interface Range {
  from: Day;
  to: Day;
}

export const presets = {
  '7': 'Last 7 days',
  '30': 'Last 30 days',
  '90': 'Last 90 days',
  '365': 'Last 365 days',
  month: 'This month',
  custom: 'Custom',
} as const;
export type Preset = keyof typeof presets;

export type Granularity = 'day' | 'week' | 'month';

export interface Chosen {
  preset: Preset;
  range: Range;
}

/** The days that an address asks for; what it does not say, or says wrongly, is the last thirty. */
export function chosenRange(query: URLSearchParams, today: Day): Chosen {
  const preset = query.get('range') ?? '30';
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  if (preset === 'custom' && isDay(from) && isDay(to) && from <= to) {
    return { preset, range: { from, to } };
  }
  const known =
    Object.hasOwn(presets, preset) && preset !== 'custom' ? (preset as Exclude<Preset, 'custom'>) : '30';
  return { preset: known, range: rangeOf(known, today) };
}

/** Ends with the last day that is over; `month` begins with the first of that day's month. */
export function rangeOf(preset: Exclude<Preset, 'custom'>, today: Day): Range {
  const to = addDays(today, -1);
  if (preset === 'month') return { from: `${to.slice(0, 8)}01`, to };
  return { from: addDays(today, -Number(preset)), to };
}

/** As many points as a chart takes, and one page of the API holds. */
const mostPoints = 500;

/** The periods that a range can be shown by, the finest first. */
export function offeredGranularities({ from, to }: Range): Granularity[] {
  const days = daysBetween(from, to) + 1;
  const offered: Granularity[] = [];
  if (days <= mostPoints) offered.push('day');
  // A range may cut the first and the last week.
  if (days <= (mostPoints - 1) * 7) offered.push('week');
  return [...offered, 'month'];
}

/** What was asked for where the range offers it; else what shows a range best. */
export function chosenGranularity(asked: string | null, range: Range): Granularity {
  const offered = offeredGranularities(range);
  const days = daysBetween(range.from, range.to) + 1;
  const best = days <= 92 ? 'day' : days <= 730 ? 'week' : 'month';
  return offered.find((one) => one === asked) ?? best;
}
