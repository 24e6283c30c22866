import { useCallback, useEffect, useState } from 'react';
import { ApiProblem, call } from './api.ts';

export interface Read<Answer> {
  /** The answer; while another one is on its way, the one before. */
  data: Answer | null;
  problem: ApiProblem | null;
  reading: boolean;
  refresh(): void;
}

interface Known<Answer> {
  path: string;
  data: Answer | null;
  problem: ApiProblem | null;
}

/** Reads a path once, and again when it changes or is asked to. A refusal takes the place of what was there before. */
export function useRead<Answer>(path: string): Read<Answer> {
  const [known, setKnown] = useState<Known<Answer> | null>(null);
  const [round, setRound] = useState(0);
  const [answered, setAnswered] = useState(-1);
  const refresh = useCallback(() => setRound((value) => value + 1), []);

  useEffect(() => {
    let ended = false;
    const read = async (): Promise<void> => {
      const next = await call<Answer>('GET', path).then(
        (data) => ({ path, data, problem: null }),
        (error: unknown) => {
          if (error instanceof ApiProblem) return { path, data: null, problem: error };
          throw error;
        },
      );
      if (ended) return;
      setKnown(next);
      setAnswered(round);
    };
    void read();
    return () => {
      ended = true;
    };
  }, [path, round]);

  const reading = known?.path !== path || answered !== round;
  return { data: known?.data ?? null, problem: reading ? null : (known?.problem ?? null), reading, refresh };
}
