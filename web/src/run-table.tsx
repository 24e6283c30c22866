import type { Run } from './api-types.ts';
import { count, duration, moment, word } from './format.ts';

/** The last runs of a shop. */
export function RunTable({ runs, loading }: { runs: Run[]; loading: boolean }) {
  if (runs.length === 0) return <p className="quiet">{loading ? 'Reading…' : 'Nothing has run yet.'}</p>;
  return (
    <div className="scroll">
      <table>
        <caption>Last runs</caption>
        <thead>
          <tr>
            <th scope="col">Started</th>
            <th scope="col">What</th>
            <th scope="col">Outcome</th>
            <th scope="col" className="number">
              Read
            </th>
            <th scope="col" className="number">
              Written
            </th>
            <th scope="col" className="number">
              Took
            </th>
            <th scope="col">
              <span className="hidden">Links</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run_id}>
              <td>{run.started_at === null ? 'waiting' : moment(run.started_at)}</td>
              <td>{what(run)}</td>
              <td>
                <span className={`badge small ${run.status}`}>{word(run.status)}</span>
                {run.counts.quarantined > 0 && ` ${count(run.counts.quarantined)} set aside`}
                {run.error && <span className="quiet"> {run.error.title}</span>}
              </td>
              <td className="number">{count(run.counts.fetched)}</td>
              <td className="number">{count(run.counts.written)}</td>
              <td className="number">{took(run)}</td>
              <td>
                {run.temporal_ui_url && (
                  <a href={run.temporal_ui_url} target="_blank" rel="noreferrer">
                    Workflow<span className="hidden"> of the run started {moment(run.started_at)}</span>
                  </a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function what({ stream, mode }: Run): string {
  if (stream === 'reconcile') return 'comparison';
  return stream === 'analytics' ? 'analytics' : `${stream}, ${mode}`;
}

function took(run: Run): string {
  if (run.started_at === null || run.finished_at === null) return '–';
  return duration((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000);
}
