import { type FormEvent, useState } from 'react';
import { ApiProblem, call } from './api.ts';

/** Asks for an API key once; the browser then holds a session. */
export function SignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const [key, setKey] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await call('POST', 'api/v1/session', { key: key.trim() });
      onSignedIn();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setFault(error.message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="card narrow">
      <h1>Sign in</h1>
      <p className="quiet">
        With the API key that was printed at the first start. Lost it? Run <code>tideline keys create</code>{' '}
        on the machine.
      </p>
      <form onSubmit={submit}>
        <label htmlFor="key">API key</label>
        <input
          id="key"
          type="password"
          autoComplete="current-password"
          required
          value={key}
          onChange={(event) => setKey(event.target.value)}
          aria-describedby={fault === null ? undefined : 'key-fault'}
          aria-invalid={fault !== null}
        />
        {fault !== null && (
          <p id="key-fault" role="alert" className="notice error">
            {fault}
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </section>
  );
}
