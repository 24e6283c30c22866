import type { BackfillDay } from '../api-types.ts';
import { count, dayName } from '../format.ts';
import { nameOfStream } from './stream-names.ts';

const mostNamed = 10;

/** Days that could not be read, those with the same reason together. */
export function FailedDays({ days }: { days: readonly BackfillDay[] }) {
  if (days.length === 0) return null;
  const groups = Map.groupBy(days, ({ stream, reason }) => `${stream} ${reason?.title}`);
  return (
    <div className="notice error" role="status">
      <p>
        <strong>{count(days.length)} could not be read.</strong> What else was read is kept.
      </p>
      <ul>
        {[...groups].map(([name, alike]) => (
          <FailedAlike key={name} days={alike} />
        ))}
      </ul>
    </div>
  );
}

function FailedAlike({ days }: { days: readonly BackfillDay[] }) {
  const [first] = days;
  if (first === undefined) return null;
  const { stream, reason } = first;
  const more = days.length - mostNamed;
  const requests = days.flatMap((day) => day.reason?.request_id ?? []).slice(0, mostNamed);
  return (
    <li>
      <strong>{nameOfStream(stream)}:</strong>{' '}
      {days
        .slice(0, mostNamed)
        .map(({ date }) => dayName(date))
        .join('; ')}
      {more > 0 && ` and ${count(more)} more`}. {reason?.title ?? 'No reason was given.'} {reason?.action}
      {requests.length > 0 && <span className="quiet"> TikTok’s request ids: {requests.join(', ')}</span>}
    </li>
  );
}
