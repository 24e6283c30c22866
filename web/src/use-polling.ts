import { useCallback, useEffect, useState } from 'react';
import { ApiProblem, call } from './api.ts';

export interface Polled<Answer> {
  data: Answer | null;
  problem: ApiProblem | null;
  refresh(): void;
}

/** Reads a path again and again while the page is visible; the last answer stays while the API is away. */
export function usePolling<Answer>(path: string, everyMs: number): Polled<Answer> {
  const [state, setState] = useState<Omit<Polled<Answer>, 'refresh'>>({ data: null, problem: null });
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((value) => value + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is the wish to read at once.
  useEffect(() => {
    let ended = false;
    let timer: number | undefined;
    const read = async (): Promise<void> => {
      if (!document.hidden) {
        const next = await call<Answer>('GET', path).then(
          (data) => ({ data, problem: null }),
          (error: unknown) => {
            if (error instanceof ApiProblem) return { problem: error };
            throw error;
          },
        );
        if (ended) return;
        setState((previous) => ({ ...previous, ...next }));
      }
      timer = window.setTimeout(read, everyMs);
    };
    void read();
    return () => {
      ended = true;
      window.clearTimeout(timer);
    };
  }, [path, everyMs, round]);

  return { ...state, refresh };
}
