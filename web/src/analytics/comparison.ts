/** What a range is set beside. */
export const comparisons = {
  previous_period: 'the days before',
  previous_year: 'a year before',
  none: 'nothing',
} as const;
export type Comparison = keyof typeof comparisons;

export function chosenComparison(query: URLSearchParams): Comparison {
  const asked = query.get('compare') ?? '';
  return Object.hasOwn(comparisons, asked) ? (asked as Comparison) : 'previous_period';
}
