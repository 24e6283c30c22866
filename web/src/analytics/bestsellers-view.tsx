import type { FormEvent } from 'react';
import { Answered } from '../answered.tsx';
import type { BestsellerRanking } from '../api-types.ts';
import { Choice } from '../choice.tsx';
import { ExportList } from '../export-list.tsx';
import { count, dayName } from '../format.ts';
import { addressWith, goTo } from '../use-address.ts';
import { useRead } from '../use-read.ts';
import { NotPermitted } from './freshness.tsx';
import { InPageLink } from './in-page-link.tsx';
import { marketRankings } from './permissions.ts';
import { viewAddress } from './view-address.ts';
import type { ViewProps } from './view-props.ts';

const rankings = {
  products: 'Products',
  videos: 'Videos',
  lives: 'LIVE sessions',
  creators: 'Creators',
} as const;
const timeSlots = { '1D': 'The day', '7D': 'Seven days', '30D': 'Thirty days' } as const;

function chosen<Name extends string>(options: Record<Name, string>, asked: string | null, usual: Name): Name {
  return asked !== null && Object.hasOwn(options, asked) ? (asked as Name) : usual;
}

/** What sells best in the whole market. */
export function BestsellersView({ shop, range, query }: ViewProps) {
  const ranking = chosen(rankings, query.get('ranking'), 'products');
  const slot = chosen(timeSlots, query.get('time_slot'), '1D');
  const day = query.get('day') ?? '';
  const asked = new URLSearchParams({ ranking, time_slot: slot, ...(day === '' ? {} : { date: day }) });
  const path = `api/v1/shops/${shop.id}/analytics/bestsellers`;
  const showDay = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    goTo(addressWith({ day: String(new FormData(event.currentTarget).get('day')) || null }));
  };
  const read = useRead<BestsellerRanking>(`${path}?${asked}`);
  return (
    <section className="card" aria-labelledby="market">
      <h2 id="market">Bestsellers of the market</h2>
      <p className="quiet">
        What sells best on TikTok in your country, whoever sells it. TikTok tells a range of GMV and no
        amount.
      </p>
      <div className="controls">
        <Choice
          label="Ranking"
          value={ranking}
          options={rankings}
          onChoose={(name) => goTo(addressWith({ ranking: name }))}
        />
        <Choice
          label="Over"
          value={slot}
          options={timeSlots}
          onChoose={(name) => goTo(addressWith({ time_slot: name }))}
        />
      </div>
      <form className="controls" onSubmit={showDay} key={day}>
        <label>
          Ending with (empty: the newest day)
          <input type="date" name="day" defaultValue={day} />
        </label>
        <button type="submit" className="button">
          Show
        </button>
      </form>
      <Answered read={read}>
        {(found) =>
          found.date === null ? (
            <NoRanking permission={found.permission} day={day === '' ? range.to : day} />
          ) : (
            <>
              <p className="quiet">
                As of {dayName(found.date)}.
                {found.permission === 'not_permitted' &&
                  ' TikTok does not show newer rankings to your app any more.'}
              </p>
              {found.data.length === 0 ? (
                <p className="blank">TikTok ranked nothing.</p>
              ) : (
                <>
                  <RankingTable found={found} subject={rankings[ranking]} />
                  <ExportList name="this ranking" path={`/${path}`} query={`${asked}`} unit="rows" />
                </>
              )}
            </>
          )
        }
      </Answered>
    </section>
  );
}

function RankingTable({ found, subject }: { found: BestsellerRanking; subject: string }) {
  return (
    <div className="scroll">
      <table>
        <caption>
          {subject}: the first {count(found.data.length)}
        </caption>
        <thead>
          <tr>
            <th scope="col">Rank</th>
            <th scope="col">What</th>
            <th scope="col" className="number">
              GMV
            </th>
          </tr>
        </thead>
        <tbody>
          {found.data.map(({ rank, id, title, gmv_range: gmv }) => (
            <tr key={id}>
              <td>{rank === null ? '–' : count(rank)}</td>
              <th scope="row">
                <div className="named">
                  <span className="name">{title ?? 'Without a known name'}</span>
                  <span className="quiet">{id}</span>
                </div>
              </th>
              <td className="number">{gmv ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Why there is none: TikTok keeps it from the app, or nobody asked for that day. */
function NoRanking({ permission, day }: { permission: BestsellerRanking['permission']; day: string }) {
  if (permission === 'not_permitted') {
    return <NotPermitted of="rankings of the market" permission={marketRankings} />;
  }
  const ofDay = { stream: 'bestsellers', range: 'custom', from: day, to: day };
  return (
    <div className="blank">
      <p>
        <strong>This ranking has not been read yet.</strong>
      </p>
      <p className="quiet">
        Where your app may see rankings, they are read with the figures of each day. You can also ask for
        them.
      </p>
      <p>
        <InPageLink to={viewAddress('reading', ofDay)}>Read rankings</InPageLink>
      </p>
    </div>
  );
}
