/** What a range is set beside. */
export const comparisons = {
  previous_period: 'previous period',
  previous_year: 'previous year',
  none: 'nothing',
} as const;
export type Comparison = keyof typeof comparisons;

export function chosenComparison(query: URLSearchParams): Comparison {
  const asked = query.get('compare') ?? '';
  return Object.hasOwn(comparisons, asked) ? (asked as Comparison) : 'previous_period';
}
