import { useState } from 'react';
import { AnalyticsPage } from './analytics/analytics-page.tsx';
import { base, call } from './api.ts';
import type { Session } from './api-types.ts';
import { Conversions } from './conversions.tsx';
import { Refused } from './refused.tsx';
import { Shops } from './shops.tsx';
import { SignIn } from './sign-in.tsx';
import { usePolling } from './use-polling.ts';

/** The whole page: who is signed in, and what that one sees. */
export function App() {
  const session = usePolling<Session>('api/v1/session', 60_000);
  const [signedOut, setSignedOut] = useState(false);
  const path = location.pathname;
  const isAnalytics = path.endsWith('/analytics');
  const away = session.problem?.status === 401 || signedOut;

  const signOut = async () => {
    await call('DELETE', 'api/v1/session');
    setSignedOut(true);
  };
  const signedIn = () => {
    setSignedOut(false);
    session.refresh();
  };

  return (
    <>
      <header className="top">
        <a className="brand" href={base}>
          <img src={`${base}icon.svg`} alt="" width="28" height="28" />
          Tideline
        </a>
        {session.data && !away && (
          <nav aria-label="Pages">
            <a href={base} aria-current={isAnalytics ? undefined : 'page'}>
              Shops
            </a>
            <a href={`${base}analytics`} aria-current={isAnalytics ? 'page' : undefined}>
              Analytics
            </a>
            {session.data.temporal_ui_url && (
              <a href={session.data.temporal_ui_url} target="_blank" rel="noreferrer">
                Workflows
              </a>
            )}
            <a href={`${base}docs`}>API</a>
            <button type="button" className="link" onClick={signOut}>
              Sign out
            </button>
          </nav>
        )}
      </header>
      <main className={isAnalytics ? 'wide' : undefined}>
        {path.endsWith('/connect/refused') ? (
          <Refused />
        ) : away ? (
          <SignIn onSignedIn={signedIn} />
        ) : session.data && isAnalytics ? (
          <AnalyticsPage session={session.data} />
        ) : session.data ? (
          <>
            <Shops session={session.data} />
            <Conversions session={session.data} />
          </>
        ) : session.problem ? (
          <p role="alert" className="notice error">
            {session.problem.message}
          </p>
        ) : (
          <p className="quiet" aria-live="polite">
            One moment…
          </p>
        )}
      </main>
    </>
  );
}
