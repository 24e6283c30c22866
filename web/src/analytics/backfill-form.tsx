import { type FormEvent, useState } from 'react';
import { Problem } from '../answered.tsx';
import { ApiProblem, call } from '../api.ts';
import type { Shop, StartedRun } from '../api-types.ts';
import type { Range } from './range.ts';
import { detailStreams, nameOfStream, usualStreams } from './stream-names.ts';

interface BackfillFormProps {
  shop: Shop;
  /** What the form begins with. */
  range: Range;
  /** The one stream that it begins with; null for those that are read by themselves. */
  stream: string | null;
  onStarted(runId: string): void;
}

/** Asks for days that were not read yet, or once more for some that were. */
export function BackfillForm({ shop, range, stream, onStarted }: BackfillFormProps) {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);

  const start = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      const source = form.get('source') ?? 'open_api';
      const streams = source === 'seller_center' ? ['products'] : form.getAll('stream');
      const run = await call<StartedRun>('POST', `api/v1/shops/${shop.id}/backfills`, {
        ...{ start_date: form.get('from'), end_date: form.get('to'), source, streams },
      });
      onStarted(run.run_id);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="card" aria-labelledby="backfill">
      <h2 id="backfill">Read days</h2>
      <p className="quiet">
        Days that are there already are read again; only what has changed is written. TikTok keeps hours for
        30 days, and most other figures for longer.
      </p>
      <form onSubmit={start}>
        <div className="controls">
          <label>
            First day
            <input type="date" name="from" required defaultValue={range.from} />
          </label>
          <label>
            Last day
            <input type="date" name="to" required defaultValue={range.to} />
          </label>
          {shop.seller_center === 'active' && (
            <label>
              From
              <select name="source" defaultValue="open_api">
                <option value="open_api">TikTok’s interface for apps</option>
                <option value="seller_center">the seller center (products only)</option>
              </select>
            </label>
          )}
        </div>
        {/* Few apps may see the market. */}
        <Streams
          title="What to read"
          names={usualStreams}
          isChosen={(name) => (stream === null ? name !== 'bestsellers' : name === stream)}
        />
        <Streams
          title="In detail, which takes long: a call to TikTok for each thing and each day on which it sold"
          names={detailStreams}
          isChosen={(name) => name === stream}
        />
        {problem !== null && <Problem problem={problem} />}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? 'Asking…' : 'Read these days'}
        </button>
      </form>
    </section>
  );
}

interface StreamsProps {
  title: string;
  names: readonly string[];
  isChosen(name: string): boolean;
}

function Streams({ title, names, isChosen }: StreamsProps) {
  return (
    <fieldset className="checks">
      <legend>{title}</legend>
      {names.map((name) => (
        <label key={name}>
          <input type="checkbox" name="stream" value={name} defaultChecked={isChosen(name)} />{' '}
          {nameOfStream(name)}
        </label>
      ))}
    </fieldset>
  );
}
