import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { streamSSE } from 'hono/streaming';
import { finishedStatuses, type Run } from '../sync/types.ts';
import type { ApiContext } from './context.ts';
import type { ExportRun } from './export-runs.ts';

/** A reading that a later poll gets is younger than the stream that it polls for. */
export const pollMs = 1000;
const keepAliveMs = 15_000;

type SeenRun = Run | ExportRun;

/** Follows a run until it is over, the reader leaves or the process stops. Event ids are of the content. */
export function streamRun(
  context: ApiContext,
  { first, read, stopping }: { first: SeenRun; read: () => Promise<SeenRun>; stopping: AbortSignal },
): Response {
  let seen = context.req.header('last-event-id') ?? null;
  // A proxy that buffers would turn live progress into one burst at the end.
  context.header('X-Accel-Buffering', 'no');
  context.header('Cache-Control', 'no-store');
  return streamSSE(context, async (stream) => {
    const left = new AbortController();
    stream.onAbort(() => left.abort());
    const ended = AbortSignal.any([stopping, left.signal]);
    await stream.write('retry: 2000\n\n');
    let writtenAt = Date.now();
    let run = first;
    while (!ended.aborted) {
      const event = describe(run);
      if (event.id !== seen || event.event === 'end') {
        await stream.writeSSE(event);
        seen = event.id;
        writtenAt = Date.now();
      } else if (Date.now() - writtenAt >= keepAliveMs) {
        await stream.write(': still here\n\n');
        writtenAt = Date.now();
      }
      if (event.event === 'end') return;
      await wait(pollMs, undefined, { signal: ended }).catch((error: unknown) => {
        if (!ended.aborted) throw error;
      });
      if (!ended.aborted) run = await read();
    }
  });
}

function describe(run: SeenRun): { id: string; event: 'progress' | 'end'; data: string } {
  const over = finishedStatuses.includes(run.status);
  const { run_id, status, progress, counts, error } = run;
  const data = JSON.stringify(over ? run : { ...progress, run_id, status, counts, error });
  const id = createHash('sha256').update(data).digest('base64url').slice(0, 12);
  return { id, event: over ? 'end' : 'progress', data };
}
