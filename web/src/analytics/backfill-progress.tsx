import { useEffect, useState } from 'react';
import { Problem } from '../answered.tsx';
import { ApiProblem, call } from '../api.ts';
import type { BackfillDay, RunWithDays } from '../api-types.ts';
import { count, moment, word } from '../format.ts';
import { usePolling } from '../use-polling.ts';
import { FailedDays } from './failed-days.tsx';
import { nameOfStream } from './stream-names.ts';

const open = ['queued', 'running', 'paused'];
const states: Record<BackfillDay['status'], string> = {
  waiting: 'waiting',
  running: 'being read',
  done: 'read',
  restated: 'read, corrected',
  failed: 'failed',
  cancelled: 'cancelled',
  not_permitted: 'not permitted',
  not_available: 'not there at TikTok',
};
const over: readonly BackfillDay['status'][] = [
  ...(['done', 'restated', 'failed', 'cancelled', 'not_permitted', 'not_available'] as const),
];

interface BackfillProgressProps {
  runId: string;
  mayRetry: boolean;
  onEnd(): void;
}

/** How far a reading is, and what became of its days. */
export function BackfillProgress({ runId, mayRetry, onEnd }: BackfillProgressProps) {
  const { data: run, problem, refresh } = usePolling<RunWithDays>(`api/v1/syncs/${runId}`, 2_000);
  const [fault, setFault] = useState<ApiProblem | null>(null);
  const status = run?.status ?? null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: only its end is told.
  useEffect(() => {
    if (status !== null && !open.includes(status)) onEnd();
  }, [status]);

  const act = async (action: 'retry' | 'cancel') => {
    setFault(null);
    try {
      await call('POST', `api/v1/syncs/${runId}/${action}`);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setFault(error);
    } finally {
      refresh();
    }
  };

  if (problem !== null) return <Problem problem={problem} onRetry={refresh} />;
  if (run === null) return <p className="quiet">Reading…</p>;
  const days = run.days ?? [];
  const done = days.filter((day) => over.includes(day.status)).length;
  const failed = days.filter((day) => day.status === 'failed');
  const isOpen = open.includes(run.status);

  return (
    <>
      <p>
        {run.started_at === null ? 'Waiting' : `Begun ${moment(run.started_at)}`}{' '}
        <span className={`badge small ${run.status}`}>{word(run.status)}</span>
      </p>
      <div className="progress">
        <label htmlFor={`days-${runId}`}>Days and lists</label>
        <progress id={`days-${runId}`} max={Math.max(1, days.length)} value={done} />
        <p className="quiet numbers">
          <span>
            {count(done)} of {count(days.length)} done
          </span>
          <span>
            {count(run.counts.fetched)} rows read, {count(run.counts.written)} written,{' '}
            {count(run.counts.unchanged)} unchanged
          </span>
        </p>
      </div>
      {run.error !== null && failed.length === 0 && (
        <p className="notice error">
          <strong>{run.error.title}</strong> {run.error.action}
        </p>
      )}
      {fault !== null && <Problem problem={fault} />}
      <ByStream days={days} />
      <FailedDays days={failed} />
      {mayRetry && (
        <div className="actions">
          {isOpen && (
            <button type="button" className="button" onClick={() => act('cancel')}>
              Cancel
            </button>
          )}
          {!isOpen && (failed.length > 0 || run.status === 'failed' || run.status === 'cancelled') && (
            <button type="button" className="button primary" onClick={() => act('retry')}>
              {failed.length > 0 ? 'Read the failed days again' : 'Go on'}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function ByStream({ days }: { days: readonly BackfillDay[] }) {
  const streams = [...new Set(days.map(({ stream }) => stream))];
  const seen = (Object.keys(states) as BackfillDay['status'][]).filter((state) =>
    days.some(({ status }) => status === state),
  );
  if (streams.length === 0) return null;
  return (
    <div className="scroll">
      <table>
        <caption>Days by what became of them</caption>
        <thead>
          <tr>
            <th scope="col">Figures of</th>
            {seen.map((state) => (
              <th key={state} scope="col" className="number">
                {states[state]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {streams.map((stream) => (
            <tr key={stream}>
              <th scope="row">{nameOfStream(stream)}</th>
              {seen.map((state) => (
                <td key={state} className="number">
                  {count(days.filter((day) => day.stream === stream && day.status === state).length)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
