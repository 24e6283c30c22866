import { Answered } from '../answered.tsx';
import type { Page, Restatement } from '../api-types.ts';
import { ExportList } from '../export-list.tsx';
import { count, dayName, moment, money } from '../format.ts';
import { labelOfAny } from './metrics.ts';
import { Pager } from './pager.tsx';
import { nameOfStream } from './stream-names.ts';
import { usePages } from './use-pages.ts';
import { rangeQuery, type ViewProps } from './view-props.ts';

const size = 50;

/** What TikTok corrected after it had told it. */
export function RestatementsView({ shop, range }: ViewProps) {
  const query = new URLSearchParams(rangeQuery(range));
  const path = `api/v1/shops/${shop.id}/analytics/restatements`;
  const pages = usePages<Page<Restatement>>(`${path}?${query}&limit=${size}&with_total=true`);
  return (
    <section className="card" aria-labelledby="corrections">
      <h2 id="corrections">What TikTok corrected</h2>
      <p className="quiet">
        TikTok goes on changing its figures for some days. Each day is read again until it is final, and what
        it said before is kept here.
      </p>
      <Answered read={pages.read}>
        {({ data, total }) =>
          data.length === 0 ? (
            <p className="blank">TikTok has corrected nothing of these days so far.</p>
          ) : (
            <>
              <div className="scroll">
                <table>
                  <caption>{count(total ?? data.length)} corrections, the last one first</caption>
                  <thead>
                    <tr>
                      <th scope="col">Day</th>
                      <th scope="col">Of</th>
                      <th scope="col">Figure</th>
                      <th scope="col" className="number">
                        Before
                      </th>
                      <th scope="col" className="number">
                        Now
                      </th>
                      <th scope="col">Seen</th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.map((one) => (
                      <tr key={`${one.stream} ${one.date} ${one.key} ${one.field} ${one.seen_at}`}>
                        <th scope="row">{dayName(one.date)}</th>
                        <td>
                          {nameOfStream(one.stream)} <span className="quiet">{one.key}</span>
                        </td>
                        <td>{labelOfAny(one.field)}</td>
                        <td className="number">{exact(one.old)}</td>
                        <td className="number">{exact(one.new)}</td>
                        <td>{moment(one.seen_at)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <Pager pages={pages} total={total} size={size} />
              <ExportList name="corrections" path={`/${path}`} query={`${query}`} unit="corrections" />
            </>
          )
        }
      </Answered>
    </section>
  );
}

/** Money, counts and rates alike: with all their digits. */
function exact(value: string | null): string {
  return value === null ? 'was not there' : money(value, null);
}
