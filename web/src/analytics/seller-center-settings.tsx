import { useState } from 'react';
import { Answered, Problem } from '../answered.tsx';
import { ApiProblem, call } from '../api.ts';
import type { SellerCenter, Shop } from '../api-types.ts';
import { moment } from '../format.ts';
import { useRead } from '../use-read.ts';
import { SessionForm } from './session-form.tsx';

const states: Record<SellerCenter['status'], { text: string; badge: string }> = {
  off: { text: 'off', badge: '' },
  active: { text: 'connected', badge: 'completed' },
  parked: { text: 'stopped: log in again', badge: 'parked' },
};

/** The owner's own session in the seller center: off until it is handed over. */
export function SellerCenterSettings({ shop, mayChange }: { shop: Shop; mayChange: boolean }) {
  const settings = useRead<SellerCenter>(`api/v1/shops/${shop.id}/seller_center`);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);

  const change = async (method: 'POST' | 'DELETE', body?: object) => {
    setBusy(true);
    setProblem(null);
    try {
      await call(method, `api/v1/shops/${shop.id}/seller_center`, body);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
      settings.refresh();
    }
  };

  return (
    <section className="card" aria-labelledby="seller-center">
      <Answered read={settings}>
        {(found) => (
          <>
            <div className="heading">
              <h2 id="seller-center">Seller center</h2>
              <span className={`badge ${states[found.status].badge}`}>{states[found.status].text}</span>
            </div>
            <p className="quiet">
              Where your app may not see analytics, figures of your own products can be read with the session
              of your browser. It is never used unless you ask for it: choose the seller center above when you
              read days.
            </p>
            {found.last_error !== null && (
              <p className="notice error">
                <strong>{found.last_error.title}</strong> {found.last_error.action}
              </p>
            )}
            {found.status !== 'off' && (
              <p>
                Seller {found.seller_id ?? 'not known'}, handed over {moment(found.connected_at)}
                {found.log_in_again_before !== null &&
                  `; log in again before ${moment(found.log_in_again_before)}, sessions may end earlier`}
                .
              </p>
            )}
            {problem !== null && <Problem problem={problem} />}
            {mayChange && (
              <SessionForm
                key={found.connected_at}
                found={found}
                busy={busy}
                onGiven={(body) => change('POST', body)}
              />
            )}
            {mayChange && found.status !== 'off' && !found.from_environment && (
              <p className="actions">
                <button type="button" className="button" disabled={busy} onClick={() => change('DELETE')}>
                  Forget the session
                </button>
              </p>
            )}
          </>
        )}
      </Answered>
    </section>
  );
}
