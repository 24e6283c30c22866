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
  const { data, problem } = usePolling<Export>(`api/v1/exports/${runId}`, 1000);
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
  if (error !== null) {
    return (
      <p className="notice error">
        <strong>{error.title}</strong> {error.action}
      </p>
    );
  }
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
      </p>
    </div>
  );
}
