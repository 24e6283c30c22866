import type { Shop } from '../api-types.ts';
import { addressWith } from '../use-address.ts';
import { NotPermitted } from './freshness.tsx';
import { InPageLink } from './in-page-link.tsx';
import { LiveMinutes } from './live-minutes.tsx';
import { ProductsSold } from './products-sold.tsx';

/** One LIVE session: its minutes, and what it sold. */
export function SessionView({ shop, liveId }: { shop: Shop; liveId: string }) {
  const path = `api/v1/shops/${shop.id}/analytics/lives/${encodeURIComponent(liveId)}`;
  return (
    <>
      <section className="card" aria-labelledby="minutes">
        <p>
          <InPageLink to={addressWith({ live: null })}>All LIVE sessions</InPageLink>
        </p>
        <LiveMinutes shop={shop} liveId={liveId} path={`${path}/minutes`} />
      </section>
      <ProductsSold
        shop={shop}
        title="Products of this session"
        note="Of the whole session, also what it sold after midnight. Only sessions that sold are asked for."
        path={`${path}/products`}
        query=""
        by="this session"
        // Not of any days: how many of them were read says nothing of the session.
        within={([known], content) =>
          known?.permission === 'not_permitted' ? (
            <>
              <NotPermitted of="figures of products of LIVE sessions" />
              {content}
            </>
          ) : (
            content
          )
        }
        nothing="TikTok has told no products of this session."
      />
    </>
  );
}
