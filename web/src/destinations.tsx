import { useState } from 'react';
import { ApiProblem, call } from './api.ts';
import type { Destination, Session } from './api-types.ts';
import { usePolling } from './use-polling.ts';

const kinds: Record<Destination['kind'], string> = {
  tiktok: 'TikTok Events API',
  meta: 'Meta Conversions API',
  google_ads: 'Google Ads',
};
const states: Record<Destination['status'], string> = {
  active: 'sending',
  paused: 'paused',
  mock: 'mock: sends nothing',
};

/** Where conversions are sent, and whether they are. */
export function Destinations({ session }: { session: Session }) {
  const { data, problem, refresh } = usePolling<{ data: Destination[] }>('api/v1/destinations', 5_000);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const mayChange = session.scopes.includes('admin');
  const told = fault ?? problem?.message ?? null;

  const change = async (id: string, action: 'pause' | 'resume') => {
    setBusy(true);
    setFault(null);
    try {
      await call('POST', `api/v1/destinations/${encodeURIComponent(id)}/${action}`, {});
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setFault(error.message);
    } finally {
      setBusy(false);
      refresh();
    }
  };

  return (
    <>
      {told !== null && (
        <p role="alert" className="notice error">
          {told}
        </p>
      )}
      {data === null && problem === null && <p className="quiet">Reading…</p>}
      {data?.data.length === 0 && (
        <p className="quiet">
          No destination yet. Add a pixel with <code>POST /api/v1/destinations</code>, or set the variables of
          one and start again.
        </p>
      )}
      {data?.data.map((destination) => (
        <section
          key={destination.id}
          className="destination"
          aria-labelledby={`destination-${destination.id}`}
        >
          <div className="heading">
            <div>
              <h3 id={`destination-${destination.id}`}>{destination.name}</h3>
              <p className="quiet">
                {kinds[destination.kind]} · {destination.id}
              </p>
            </div>
            <span className={`badge ${destination.status === 'active' ? 'completed' : 'paused'}`}>
              {states[destination.status]}
            </span>
          </div>
          {destination.pause_reason !== null && (
            <p className="notice warning">
              {destination.pause_reason} What is accepted meanwhile waits and is not lost.
            </p>
          )}
          {mayChange && destination.status !== 'mock' && (
            <p className="actions">
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => change(destination.id, destination.status === 'paused' ? 'resume' : 'pause')}
              >
                {destination.status === 'paused' ? 'Resume' : 'Pause'}
                <span className="hidden"> {destination.name}</span>
              </button>
            </p>
          )}
        </section>
      ))}
    </>
  );
}
