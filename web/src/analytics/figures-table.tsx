import type { AnalyticsRow } from '../api-types.ts';
import { Change } from './change.tsx';
import { type Comparison, comparisons } from './comparison.ts';
import type { FiguresList } from './list-declarations.tsx';
import { figureOf, labelOf, type MetricName, shown } from './metrics.ts';

/** How rows are sorted, and may be sorted otherwise. */
export interface Sorting {
  by: MetricName;
  order: 'asc' | 'desc';
  onSort(name: MetricName): void;
}

interface FiguresTableProps {
  list: Pick<FiguresList, 'subject' | 'show' | 'figures' | 'unsorted'>;
  rows: readonly AnalyticsRow[];
  currency: string | null;
  caption: string;
  /** Without it, their order is the only one. */
  sorting?: Sorting;
  comparison: Comparison;
}

/** Rows of figures; a column is sorted by pressing its name. */
export function FiguresTable({ list, rows, currency, caption, sorting, comparison }: FiguresTableProps) {
  // What TikTok tells of no row is no column: a shop may sell where some figures are not told.
  const figures = list.figures.filter(
    (name) => name === sorting?.by || rows.some((row) => figureOf(row, name) !== null),
  );
  const against = comparison === 'none' ? null : comparisons[comparison];
  // Said once of all rows, where it holds for each.
  const isCompared = rows.some((row) => figureOf(row.change, 'gmv') !== null);
  return (
    <>
      {against !== null && !isCompared && (
        <p className="quiet">Nothing of the {against} is known to compare with.</p>
      )}
      <div className="scroll">
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{list.subject}</th>
              {figures.map((name) =>
                sorting === undefined || list.unsorted?.includes(name) ? (
                  <th key={name} scope="col" className="number">
                    {labelOf(name)}
                  </th>
                ) : (
                  <SortedHeading key={name} name={name} {...sorting} />
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, nth) => (
              // Two rows may be of the same name in different shops; the page is replaced as a whole.
              // biome-ignore lint/suspicious/noArrayIndexKey: rows keep no state
              <tr key={nth}>
                <th scope="row">{list.show(row)}</th>
                {figures.map((name) => (
                  <td key={name} className="number">
                    {shown(name, figureOf(row, name), currency)}
                    {name === 'gmv' && against !== null && isCompared && (
                      <Change value={numberOrNull(figureOf(row.change, name))} against={against} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function SortedHeading({ name, by, order, onSort }: Sorting & { name: MetricName }) {
  const isSorted = name === by;
  return (
    <th
      scope="col"
      className="number"
      aria-sort={isSorted ? (order === 'asc' ? 'ascending' : 'descending') : 'none'}
    >
      <button type="button" className="sort" onClick={() => onSort(name)}>
        {labelOf(name)}
        <span aria-hidden="true">{isSorted ? (order === 'asc' ? ' ▲' : ' ▼') : ''}</span>
      </button>
    </th>
  );
}

function numberOrNull(value: string | number | null): number | null {
  return value === null ? null : Number(value);
}
