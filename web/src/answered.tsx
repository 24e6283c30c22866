import type { ReactNode } from 'react';
import type { ApiProblem } from './api.ts';
import type { Read } from './use-read.ts';

/** What was read, or why there is nothing to show yet. */
export function Answered<Answer>({
  read,
  children,
}: {
  read: Read<Answer>;
  children: (answer: Answer) => ReactNode;
}) {
  const { data, problem, reading, refresh } = read;
  if (problem !== null) return <Problem problem={problem} onRetry={refresh} />;
  if (data === null) {
    return (
      <p className="quiet" role="status">
        Reading…
      </p>
    );
  }
  return (
    <div className="answered" aria-busy={reading}>
      {children(data)}
    </div>
  );
}

/** A refusal, in words for whoever looks at the page, with the way on. */
export function Problem({ problem, onRetry }: { problem: ApiProblem; onRetry?: () => void }) {
  return (
    <div role="alert" className="notice error">
      <p>
        <strong>{headline(problem.status)}</strong> {problem.message}
      </p>
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

function headline(status: number): string {
  if (status === 403) return 'You may not see this with your key.';
  if (status === 404) return 'This is not there.';
  if (status >= 500) return 'This could not be read just now.';
  return 'This did not work.';
}
