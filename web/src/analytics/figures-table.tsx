import type { AnalyticsRow } from '../api-types.ts';
import { Change } from './change.tsx';
import { type Comparison, comparisons } from './comparison.ts';
import type { FiguresList } from './list-declarations.tsx';
import { figureOf, labelOf, type MetricName, shown } from './metrics.ts';

interface FiguresTableProps {
  list: FiguresList;
  rows: readonly AnalyticsRow[];
  currency: string | null;
  caption: string;
  sort: MetricName;
  order: 'asc' | 'desc';
  onSort(name: MetricName): void;
  comparison: Comparison;
}

/** Rows of figures; a column is sorted by pressing its name. */
export function FiguresTable(props: FiguresTableProps) {
  const { list, rows, currency, caption, comparison, sort } = props;
  // What TikTok tells of no row is no column: a shop may sell where some figures are not told.
  const figures = list.figures.filter(
    (name) => name === sort || rows.some((row) => figureOf(row, name) !== null),
  );
  return (
    <div className="scroll">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{list.subject}</th>
            {figures.map((name) => (
              <FigureHeading key={name} name={name} {...props} />
            ))}
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
                  {name === 'gmv' && comparison !== 'none' && (
                    <Change
                      value={numberOrNull(figureOf(row.change, name))}
                      against={comparisons[comparison]}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FigureHeading({ name, list, sort, order, onSort }: FiguresTableProps & { name: MetricName }) {
  const label = labelOf(name);
  if (list.unsorted?.includes(name)) {
    return (
      <th scope="col" className="number">
        {label}
      </th>
    );
  }
  const isSorted = name === sort;
  return (
    <th
      scope="col"
      className="number"
      aria-sort={isSorted ? (order === 'asc' ? 'ascending' : 'descending') : 'none'}
    >
      <button type="button" className="sort" onClick={() => onSort(name)}>
        {label}
        <span aria-hidden="true">{isSorted ? (order === 'asc' ? ' ▲' : ' ▼') : ''}</span>
      </button>
    </th>
  );
}

function numberOrNull(value: string | number | null): number | null {
  return value === null ? null : Number(value);
}
