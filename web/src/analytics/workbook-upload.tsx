import { type FormEvent, useState } from 'react';
import { Problem } from '../answered.tsx';
import { ApiProblem, call } from '../api.ts';
import type { RunWithDays, Shop, StartedRun } from '../api-types.ts';
import { count, dayName } from '../format.ts';
import { usePolling } from '../use-polling.ts';

interface WorkbookUploadProps {
  shop: Shop;
  onStarted(runId: string): void;
}

/** Figures of products from the workbook that the seller center hands out. */
export function WorkbookUpload({ shop, onStarted }: WorkbookUploadProps) {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [runId, setRunId] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const upload = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // A day that is left empty is the one that the workbook names.
    if (form.get('date') === '') form.delete('date');
    setBusy(true);
    setProblem(null);
    setRunId(null);
    try {
      const run = await call<StartedRun>('POST', `api/v1/shops/${shop.id}/analytics/workbooks`, form);
      setRunId(run.run_id);
      onStarted(run.run_id);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="card" aria-labelledby="workbook">
      <h2 id="workbook">Import a workbook</h2>
      <p className="quiet">
        In the seller center, open <em>Data Compass → Product analytics</em>, choose one day, set the language
        to English and export. Hand over the file as it came: it takes the place of what is stored of that
        day’s products, whole or not at all.
      </p>
      <form onSubmit={upload}>
        <div className="controls">
          <label>
            Workbook (.xlsx)
            <input type="file" name="file" required accept=".xlsx" />
          </label>
          <label>
            Day, if the workbook does not say it beyond doubt
            <input type="date" name="date" />
          </label>
        </div>
        {problem !== null && <Problem problem={problem} />}
        <button type="submit" className="button" disabled={busy}>
          {busy ? 'Reading the file…' : 'Import'}
        </button>
      </form>
      {runId !== null && <Imported key={runId} runId={runId} />}
    </section>
  );
}

function Imported({ runId }: { runId: string }) {
  const { data, problem } = usePolling<RunWithDays>(`api/v1/syncs/${runId}`, 1_000);
  if (problem !== null) return <Problem problem={problem} />;
  const [day] = data?.days ?? [];
  if (data === null || day === undefined || data.finished_at === null) {
    return (
      <p className="quiet" role="status">
        The workbook was read. Storing its figures…
      </p>
    );
  }
  if (data.status !== 'completed') {
    const error = day.reason ?? data.error;
    return (
      <p className="notice error" role="alert">
        <strong>{error?.title ?? 'The figures were not stored.'}</strong> {error?.action}
      </p>
    );
  }
  return (
    <p className="notice good" role="status">
      {dayName(day.date)}: {count(day.fetched)} products, {count(day.written)} new or changed,{' '}
      {count(day.unchanged)} as before.
    </p>
  );
}
