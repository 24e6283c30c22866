import { Answered } from '../answered.tsx';
import { base } from '../api.ts';
import type { Session, Shop } from '../api-types.ts';
import { Choice } from '../choice.tsx';
import { nameOfZone } from '../format.ts';
import { addressWith, goTo, useAddress } from '../use-address.ts';
import { useRead } from '../use-read.ts';
import './analytics.css';
import { chosenComparison } from './comparison.ts';
import { addDays, dayIn } from './days.ts';
import { InPageLink } from './in-page-link.tsx';
import { chosenGranularity, chosenRange } from './range.ts';
import { RangeControls } from './range-controls.tsx';
import { nothingOfView, viewAddress } from './view-address.ts';
import { isView, views } from './views.tsx';

/** Figures of one shop. What is shown stands in the address. */
export function AnalyticsPage({ session }: { session: Session }) {
  const shops = useRead<{ data: Shop[] }>('api/v1/shops');
  const query = useAddress();
  return (
    <Answered read={shops}>
      {({ data }) => {
        const asked = query.get('shop');
        const shop = asked === null ? data[0] : data.find(({ id }) => id === asked);
        if (data.length === 0) return <NoShop />;
        if (shop === undefined) return <UnknownShop id={asked ?? ''} />;
        return <ShopAnalytics key={shop.id} shop={shop} shops={data} session={session} query={query} />;
      }}
    </Answered>
  );
}

function NoShop() {
  return (
    <section className="card empty">
      <h1>No shop yet</h1>
      <p className="quiet">Connect a TikTok Shop first; its figures of the last thirty days are then read.</p>
      <a className="button primary" href={base}>
        To the shops
      </a>
    </section>
  );
}

/** An address that was kept for longer than its shop, or is another one's. */
function UnknownShop({ id }: { id: string }) {
  return (
    <section className="card empty">
      <h1>No shop {id} here</h1>
      <p className="quiet">It was erased, or your key does not show it.</p>
      <a className="button primary" href={base}>
        To the shops
      </a>
    </section>
  );
}

interface ShopAnalyticsProps {
  shop: Shop;
  shops: readonly Shop[];
  session: Session;
  query: URLSearchParams;
}

function ShopAnalytics({ shop, shops, session, query }: ShopAnalyticsProps) {
  const today = dayIn(shop.time_zone, new Date());
  const chosen = chosenRange(query, today);
  const comparison = chosenComparison(query);
  const granularity = chosenGranularity(query.get('granularity'), chosen.range);
  const asked = query.get('view') ?? '';
  const view = isView(asked) ? asked : 'overview';
  const { component: View } = views[view];

  return (
    <>
      <div className="heading">
        <div>
          <h1>Analytics</h1>
          <p className="quiet">
            {shop.name} · {shop.currency ?? 'currency not known yet'} · days in {nameOfZone(shop.time_zone)}
          </p>
        </div>
        {shops.length > 1 && (
          <Choice
            label="Shop"
            value={shop.id}
            options={Object.fromEntries(shops.map(({ id, name }) => [id, `${name} (${id})`]))}
            onChoose={(id) => goTo(addressWith({ ...nothingOfView, shop: id }))}
          />
        )}
      </div>
      <RangeControls
        chosen={chosen}
        comparison={comparison}
        granularity={granularity}
        yesterday={addDays(today, -1)}
      />
      <nav className="views" aria-label="Views">
        {Object.entries(views).map(([name, { title }]) => (
          <InPageLink key={name} to={viewAddress(name)} current={name === view}>
            {title}
          </InPageLink>
        ))}
      </nav>
      <View
        key={view}
        shop={shop}
        session={session}
        range={chosen.range}
        comparison={comparison}
        granularity={granularity}
        query={query}
      />
    </>
  );
}
