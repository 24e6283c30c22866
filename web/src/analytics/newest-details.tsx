import type { NewestOfProduct, NewestOfVideo } from '../api-types.ts';
import { count, dayName, money, percent } from '../format.ts';

interface NewestDetailsProps {
  newest: NewestOfProduct | NewestOfVideo;
  currency: string | null;
}

/** What stands beside the figures and has no course over time: it is of the newest day that was read. */
export function NewestDetails({ newest, currency }: NewestDetailsProps) {
  const day = dayName(newest.date);
  if ('viewer_profile' in newest) {
    return (
      <FactTable
        title={`Who watched, as of ${day}`}
        columns={['Viewers', 'By', '', 'Share']}
        rows={newest.viewer_profile.map(({ viewers, trait, value, percentage }) => [
          ...[inWords(viewers), inWords(trait), inWords(value)],
          share(percentage),
        ])}
      />
    );
  }
  const sold = (gmv: string | null, items: number | null) => [
    gmv === null ? '–' : money(gmv, currency),
    items === null ? '–' : count(items),
  ];
  return (
    <>
      <FactTable
        title={`Ratings, as of ${day}`}
        columns={['Stars', 'Ratings', 'Share']}
        rows={newest.ratings.map(({ stars, count: number, percentage }) => [
          stars.replace(/_STARS?$/, ''),
          number === null ? '–' : count(number),
          share(percentage),
        ])}
      />
      <FactTable
        title={`What sold most of it on ${day}`}
        columns={['Content', 'Id', 'GMV', 'Items sold']}
        rows={newest.top_contents.map(({ type, content_id: id, gmv, items_sold: items }) => [
          ...[type === null ? '–' : inWords(type), id],
          ...sold(gmv, items),
        ])}
      />
      <FactTable
        title={`Who sold most of it on ${day}`}
        columns={['Creator', 'GMV', 'Items sold']}
        rows={newest.top_creators.map(({ creator, gmv, items_sold: items }) => [
          `@${creator}`,
          ...sold(gmv, items),
        ])}
      />
    </>
  );
}

/** TikTok's words in capitals as people write them; a country's two letters stay. */
function inWords(name: string): string {
  return /^[A-Z_]{3,}$/.test(name) ? name.toLowerCase().replaceAll('_', ' ') : name;
}

function share(percentage: number | null): string {
  return percentage === null ? '–' : percent(percentage);
}

interface FactTableProps {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

function FactTable({ title, columns, rows }: FactTableProps) {
  if (rows.length === 0) return null;
  return (
    <div className="scroll">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join(' ')}>
              {row.map((text, nth) => (
                <td key={columns[nth]}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
