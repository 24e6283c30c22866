import { base } from './api.ts';

/** Where the browser ends up when a seller did not agree. */
export function Refused() {
  const reason = new URLSearchParams(location.search).get('reason');
  return (
    <section className="card narrow">
      <h1>No shop was connected</h1>
      <p>{reason ?? 'The authorization was not given.'}</p>
      <p className="quiet">Nothing was stored. You can begin again whenever you like.</p>
      <p className="actions">
        <a className="button primary" href={`${base}connect/tiktok-shop`}>
          Try again
        </a>
        <a className="button" href={base}>
          Back to the dashboard
        </a>
      </p>
    </section>
  );
}
