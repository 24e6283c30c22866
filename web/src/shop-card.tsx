import { useCallback, useState } from 'react';
import { ApiProblem, base, call } from './api.ts';
import type { Run, Session, Shop, StreamStatus } from './api-types.ts';
import { DataQuality } from './data-quality.tsx';
import { ExportList } from './export-list.tsx';
import { count, moment, nameOfZone, word } from './format.ts';
import { LiveProgress } from './live-progress.tsx';
import { RunTable } from './run-table.tsx';
import { usePolling } from './use-polling.ts';

interface ShopCardProps {
  shop: Shop;
  session: Session;
  onChanged: () => void;
}

const open = ['queued', 'running', 'paused'];

/** One shop: what is stored, what is going on, and what can be done. */
export function ShopCard({ shop, session, onChanged }: ShopCardProps) {
  const status = usePolling<{ orders: StreamStatus }>(`api/sync/status?shop_id=${shop.id}`, 5000);
  const runs = usePolling<{ data: Run[] }>(`api/v1/shops/${shop.id}/syncs?limit=6`, 5000);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const { refresh: refreshStatus } = status;
  const { refresh: refreshRuns } = runs;
  const refresh = useCallback(() => {
    refreshStatus();
    refreshRuns();
  }, [refreshStatus, refreshRuns]);

  const act = async (method: string, path: string, body?: unknown) => {
    setBusy(true);
    setFault(null);
    try {
      await call(method, path, body);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setFault(error.message);
    } finally {
      setBusy(false);
      refresh();
      onChanged();
    }
  };

  const orders = status.data?.orders ?? null;
  const list = runs.data?.data ?? [];
  // A queued run waits behind the one that is on.
  const current =
    list.find(({ status: one }) => one === 'running' || one === 'paused') ??
    list.find((run) => open.includes(run.status)) ??
    null;
  const maySync = session.scopes.includes('admin') || session.scopes.includes('sync');
  const problem = fault ?? status.problem?.message ?? null;
  const state = shop.status === 'active' ? (orders?.status ?? 'idle') : shop.status;

  return (
    <article className="card" aria-labelledby={`${shop.id}-name`}>
      <div className="heading">
        <div>
          <h2 id={`${shop.id}-name`}>{shop.name}</h2>
          <p className="quiet">
            {shop.region} · {shop.currency ?? 'currency not known yet'} · {shop.id} · days in{' '}
            {nameOfZone(shop.time_zone)}
          </p>
        </div>
        <div className="beside">
          <a href={`${base}analytics?shop=${shop.id}`}>
            Analytics<span className="hidden"> of {shop.name}</span>
          </a>
          {orders !== null && <span className={`badge ${state}`}>{word(state)}</span>}
        </div>
      </div>

      {shop.status === 'parked' && (
        <p className="notice error">
          TikTok no longer accepts this shop’s grant.{' '}
          <a href={`${base}connect/tiktok-shop`}>Connect it again</a> and its sync goes on where it stopped.
        </p>
      )}
      {orders?.error && shop.status === 'active' && (
        <p className="notice error">
          <strong>{orders.error.title}</strong> {orders.error.action}
        </p>
      )}
      {problem !== null && (
        <p role="alert" className="notice error">
          {problem}
        </p>
      )}

      <dl className="facts">
        <div>
          <dt>Orders stored</dt>
          <dd>{orders === null ? '…' : count(orders.metadata.orders_total)}</dd>
        </div>
        <div>
          <dt>Last sync</dt>
          <dd>{orders === null ? '…' : moment(orders.metadata.last_sync_at)}</dd>
        </div>
        <div>
          <dt>Whole history read</dt>
          <dd>
            {orders === null ? '…' : moment(orders.metadata.last_full_sync_at)}
            {orders?.metadata.last_full_sync_result === 'completed_with_differences' && ' (with differences)'}
          </dd>
        </div>
      </dl>

      {current !== null && <LiveProgress run={current} onEnd={refresh} />}

      {maySync && shop.status === 'active' && (
        <div className="actions">
          {shop.sync_enabled ? (
            <>
              <button
                type="button"
                className="button primary"
                disabled={busy}
                onClick={() => act('POST', 'api/sync/orders', { shop_id: shop.id })}
              >
                Sync now
              </button>
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => act('POST', 'api/sync/orders/full', { shop_id: shop.id })}
              >
                Read whole history
              </button>
            </>
          ) : (
            session.scopes.includes('admin') && (
              <button
                type="button"
                className="button primary"
                disabled={busy}
                onClick={() => act('PATCH', `api/v1/shops/${shop.id}`, { sync_enabled: true })}
              >
                Enable syncs
              </button>
            )
          )}
          {current !== null && current.status !== 'queued' && (
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() =>
                act(
                  'POST',
                  `api/v1/syncs/${current.run_id}/${current.status === 'paused' ? 'resume' : 'pause'}`,
                )
              }
            >
              {current.status === 'paused' ? 'Resume' : 'Pause'}
            </button>
          )}
          {current !== null && (
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() => act('POST', `api/v1/syncs/${current.run_id}/cancel`)}
            >
              Cancel
            </button>
          )}
        </div>
      )}

      <ExportList name="orders" path={`/api/v1/shops/${shop.id}/orders`} unit="orders" />

      <DataQuality shopId={shop.id} />

      <RunTable runs={list} loading={runs.data === null} />
    </article>
  );
}
