import type { Run } from './api-types.ts';
import { count, duration, word } from './format.ts';
import { useRunEvents } from './use-run-events.ts';

/** What a run of orders or an export does. */
const doing: Record<Run['mode'], string> = {
  full: 'Reading the whole history',
  incremental: 'Reading changes',
  window: 'Reading a part of the history',
  reconcile: 'Comparing with TikTok',
  export: 'Writing a file',
};

function title({ stream, mode }: Run): string {
  if (stream === 'analytics') return 'Reading days of analytics';
  return stream === 'products' ? 'Reading the catalogue' : doing[mode];
}

const units: Record<Run['stream'], string> = {
  ...{ orders: 'orders', reconcile: 'orders' },
  ...{ products: 'products', analytics: 'days of figures', export: 'rows' },
};

/** How far a run is, live. */
export function LiveProgress({ run, onEnd }: { run: Run; onEnd: () => void }) {
  const live = useRunEvents(run.run_id, onEnd);
  const progress = { ...run.progress, ...live };
  const status = live?.status ?? run.status;
  const { orders_done: done = 0, orders_expected: expected = null, percent = null } = progress;
  const bar = `progress-${run.run_id}`;
  return (
    <div className="progress">
      <label htmlFor={bar}>
        {title(run)}
        {status === 'running' ? '' : ` — ${word(status)}`}
      </label>
      <progress id={bar} max={100} {...(percent === null ? {} : { value: percent })} />
      <p className="quiet numbers" aria-live="off">
        <span>
          {count(done)}
          {expected !== null && ` of ${count(expected)}`} {units[run.stream]}
          {percent !== null && ` · ${percent.toFixed(1)} %`}
        </span>
        {status === 'running' && (
          <span>
            {count(Math.round(progress.rate_per_s ?? 0))} a second
            {progress.eta_s != null && ` · ${duration(progress.eta_s)} left`}
          </span>
        )}
      </p>
    </div>
  );
}
