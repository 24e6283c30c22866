import { useEffect, useState } from 'react';
import { base } from './api.ts';
import type { Progress, RunStatus } from './api-types.ts';

export interface LiveRun extends Partial<Progress> {
  status: RunStatus;
}

/** Follows a run by server-sent events; the browser reconnects by itself. `onEnd` is called when the run is over. */
export function useRunEvents(runId: string | null, onEnd: () => void): LiveRun | null {
  const [live, setLive] = useState<{ runId: string; run: LiveRun } | null>(null);
  useEffect(() => {
    if (runId === null) return;
    const source = new EventSource(new URL(`api/v1/syncs/${runId}/events`, base));
    source.addEventListener('progress', (event: MessageEvent<string>) => {
      setLive({ runId, run: JSON.parse(event.data) as LiveRun });
    });
    source.addEventListener('end', () => {
      source.close();
      onEnd();
    });
    return () => source.close();
  }, [runId, onEnd]);
  return live !== null && live.runId === runId ? live.run : null;
}
