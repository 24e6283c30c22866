import { base } from './api.ts';
import type { Session, Shop } from './api-types.ts';
import { ShopCard } from './shop-card.tsx';
import { usePolling } from './use-polling.ts';

/** All shops, or the way to the first one. */
export function Shops({ session }: { session: Session }) {
  const shops = usePolling<{ data: Shop[] }>('api/v1/shops', 10_000);
  const mayConnect = session.scopes.includes('admin') && session.shop_ids === null;
  const connect = mayConnect && (
    <a className="button primary" href={`${base}connect/tiktok-shop`}>
      Connect a shop
    </a>
  );
  const all = shops.data?.data ?? null;

  return (
    <>
      <div className="heading">
        <h1>Shops</h1>
        {all !== null && all.length > 0 && connect}
      </div>
      {shops.problem && (
        <p role="alert" className="notice error">
          {shops.problem.message}
        </p>
      )}
      {all === null && !shops.problem && <p className="quiet">Reading…</p>}
      {all?.length === 0 && (
        <section className="card empty">
          <h2>No shop yet</h2>
          <p className="quiet">
            Connect a TikTok Shop, and its whole order history is read into your database. It takes one click
            at TikTok.
          </p>
          {connect}
        </section>
      )}
      {all?.map((shop) => (
        <ShopCard key={shop.id} shop={shop} session={session} onChanged={shops.refresh} />
      ))}
    </>
  );
}
