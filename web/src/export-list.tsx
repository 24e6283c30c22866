import { useState } from 'react';
import { ApiProblem, base, call } from './api.ts';
import type { Export } from './api-types.ts';
import { count, moment, word } from './format.ts';
import { usePolling } from './use-polling.ts';

const formats = ['csv', 'xlsx'] as const;

interface ExportListProps {
  /** What the buttons name, as in "Export orders as CSV". */
  name: string;
  /** Of the list in the API, as it takes it. */
  path: string;
  /** The filters and the sort of the list. */
  query?: string;
  /** What its rows are. */
  unit: string;
}

/** A whole list as a file: asked for, followed, and downloaded when it is there. */
export function ExportList({ name, path, query = '', unit }: ExportListProps) {
  const [runId, setRunId] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  const start = async (format: (typeof formats)[number]) => {
    setFault(null);
    try {
      const started = await call<{ run_id: string }>('POST', 'api/v1/exports', { path, query, format });
      setRunId(started.run_id);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setFault(error.message);
    }
  };

  return (
    <section aria-label={`Export ${name}`}>
      <div className="actions">
        {formats.map((format) => (
          <button key={format} type="button" className="button" onClick={() => start(format)}>
            Export {name} as {format.toUpperCase()}
          </button>
        ))}
      </div>
      {fault !== null && (
        <p role="alert" className="notice error">
          {fault}
        </p>
      )}
      {runId !== null && <FollowedExport key={runId} runId={runId} unit={unit} />}
    </section>
  );
}

function FollowedExport({ runId, unit }: { runId: string; unit: string }) {
  const { data, problem, refresh } = usePolling<Export>(`api/v1/exports/${runId}`, 1000);
  const [isStopping, setStopping] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  const stop = async () => {
    setStopping(true);
    setFault(null);
    try {
      await call('POST', `api/v1/exports/${runId}/cancel`, {});
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setStopping(false);
      // What was over before it could be stopped shows itself.
      if (error.status !== 409) setFault(error.message);
    } finally {
      refresh();
    }
  };

  if (problem !== null) return <p className="notice error">{problem.message}</p>;
  if (data === null) return null;
  const { status, progress, error, file } = data;
  if (file !== null) {
    return (
      <p>
        <a href={`${base}api/v1/exports/${runId}/file`} download={file.name}>
          Download {file.name}
        </a>{' '}
        <span className="quiet">
          {count(file.rows)} {unit}, until {moment(file.expires_at)}
        </span>
      </p>
    );
  }
  if (status === 'completed') {
    return (
      <p className="notice warning">The time of the file is over, and it was deleted. Export it again.</p>
    );
  }
  if (status === 'cancelled') return <p className="quiet">Cancelled: no file was kept.</p>;
  const trouble = error !== null && (
    <p className={`notice ${status === 'failed' ? 'error' : 'warning'}`}>
      <strong>{error.title}</strong> {error.action}
    </p>
  );
  if (status === 'failed') return trouble;
  const bar = `export-${runId}`;
  const percent = progress?.percent ?? null;
  return (
    <div className="progress">
      <label htmlFor={bar}>Writing the file{status === 'running' ? '' : ` — ${word(status)}`}</label>
      <progress id={bar} max={100} {...(percent === null ? {} : { value: percent })} />
      <p className="quiet numbers">
        <span>
          {count(progress?.orders_done ?? 0)} {unit}
        </span>
        <button type="button" className="button" disabled={isStopping} onClick={stop}>
          {isStopping ? 'Stopping…' : 'Cancel'}
          <span className="hidden"> the file</span>
        </button>
      </p>
      {trouble}
      {fault !== null && (
        <p role="alert" className="notice error">
          {fault}
        </p>
      )}
    </div>
  );
}
