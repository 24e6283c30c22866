import { Answered } from '../answered.tsx';
import type { ComparedDay, Page } from '../api-types.ts';
import { ExportList } from '../export-list.tsx';
import { dayName, money } from '../format.ts';
import { Pager } from './pager.tsx';
import { usePages } from './use-pages.ts';
import { rangeQuery, type ViewProps } from './view-props.ts';

const size = 31;

const causes: Record<keyof ComparedDay['explained'], string> = {
  cancelled: 'cancelled orders that TikTok leaves out',
  time_zone: 'counted by TikTok on the next or the former day',
  restated: 'corrected by TikTok since',
  other: 'not explained',
};

/** The shop's own orders beside TikTok's figure, day by day. */
export function ComparisonView({ shop, range }: ViewProps) {
  const query = new URLSearchParams(rangeQuery(range));
  const path = `api/v1/shops/${shop.id}/analytics/order_comparison`;
  const pages = usePages<Page<ComparedDay>>(`${path}?${query}&limit=${size}&with_total=true`);
  return (
    <section className="card" aria-labelledby="compared">
      <h2 id="compared">Your orders beside TikTok’s figure</h2>
      <p className="quiet">
        GMV of each day, counted from the orders that are stored here and as TikTok tells it. Where the two
        differ, the difference is split into what explains it.
      </p>
      <Answered read={pages.read}>
        {({ data, total }) => (
          <>
            <div className="scroll">
              <table>
                <caption className="hidden">Days</caption>
                <thead>
                  <tr>
                    <th scope="col">Day</th>
                    <th scope="col" className="number">
                      Your orders
                    </th>
                    <th scope="col" className="number">
                      TikTok
                    </th>
                    <th scope="col" className="number">
                      Difference
                    </th>
                    <th scope="col">Why</th>
                    <th scope="col">TikTok’s figure</th>
                  </tr>
                </thead>
                <tbody>
                  {data.map((day) => (
                    <DayRow key={day.date} day={day} />
                  ))}
                </tbody>
              </table>
            </div>
            <Pager pages={pages} total={total} size={size} />
            <ExportList name="this comparison" path={`/${path}`} query={`${query}`} unit="days" />
          </>
        )}
      </Answered>
    </section>
  );
}

function DayRow({ day }: { day: ComparedDay }) {
  const { date, currency, orders_gmv: orders, tiktok_gmv: tiktok, difference, settled } = day;
  return (
    <tr>
      <th scope="row">{dayName(date)}</th>
      <td className="number">{money(orders, currency)}</td>
      <td className="number">{tiktok === null ? '–' : money(tiktok, currency)}</td>
      <td className="number">{difference === null ? '–' : money(difference, currency)}</td>
      <td className="reasons">{reasons(day)}</td>
      <td>{tiktok === null ? 'not read' : settled === true ? 'final' : 'may still change'}</td>
    </tr>
  );
}

function reasons({ difference, explained, currency }: ComparedDay): string {
  if (difference === null) return '';
  const parts = (Object.keys(causes) as (keyof typeof causes)[]).flatMap((cause) => {
    const part = explained[cause];
    // Zero is the only amount without a digit from 1 to 9.
    return part === null || !/[1-9]/.test(part) ? [] : [`${money(part, currency)} ${causes[cause]}`];
  });
  return parts.length === 0 ? 'equal' : parts.join('; ');
}
