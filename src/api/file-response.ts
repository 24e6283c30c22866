import type { Transaction } from '../db/pool.ts';
import type { ListRow } from '../exports/columns.ts';
import { type FileOptions, mediaTypes, streamFile } from '../exports/file.ts';
import type { OpenList } from '../exports/open-list.ts';
import type { ApiContext } from './context.ts';

/** A reader that takes nothing for so long has gone, whatever its connection says. */
const patienceMs = 60_000;

/** Reads lists for files, and says what went wrong with one that was on its way. */
export interface FileReading {
  open(rows: (tx: Transaction) => AsyncIterable<readonly ListRow[]>): Promise<OpenList<readonly ListRow[]>>;
  reportBroken(error: unknown, requestId: string): void;
}

/**
 * A file as the body of an answer, made while it is read. When its reader leaves or falls asleep, the reading of the
 * database ends; when that fails, the connection is broken off, so that nobody takes the part for the whole.
 */
export async function createFileResponse(
  reading: FileReading,
  context: ApiContext,
  options: {
    name: string;
    rows(tx: Transaction): AsyncIterable<readonly ListRow[]>;
    file: FileOptions;
  },
): Promise<Response> {
  const headers = fileHeaders(options.name, mediaTypes[options.file.format]);
  // Nobody would read the body.
  if (context.req.method === 'HEAD') return context.newResponse(null, 200, headers);
  const list = await reading.open(options.rows);
  const chunks = streamFile(list.batches, options.file)[Symbol.asyncIterator]();
  const requestId = context.get('requestId');
  return context.newResponse(
    toBody(chunks, list, (error) => reading.reportBroken(error, requestId)),
    200,
    headers,
  );
}

export function fileHeaders(name: string, mediaType: string): Record<string, string> {
  return {
    'Content-Type': mediaType,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
    // A proxy that buffers would keep the first byte back until the last one.
    'X-Accel-Buffering': 'no',
  };
}

function toBody(
  chunks: AsyncIterator<Uint8Array>,
  list: OpenList<unknown>,
  onBroken: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  let sleep: NodeJS.Timeout | undefined;
  const end = async (): Promise<void> => {
    clearTimeout(sleep);
    await chunks.return?.();
    await list.close();
  };
  const endQuietly = (): Promise<void> => end().catch(onBroken);
  const watch = (controller: ReadableStreamDefaultController): void => {
    clearTimeout(sleep);
    sleep = setTimeout(() => {
      controller.error(new Error('The reader took nothing for a minute.'));
      void endQuietly();
    }, patienceMs);
  };
  return new ReadableStream<Uint8Array>(
    {
      start: watch,
      async pull(controller) {
        clearTimeout(sleep);
        try {
          const { done, value } = await chunks.next();
          if (done === true) {
            await list.close();
            controller.close();
            return;
          }
          controller.enqueue(value);
        } catch (error) {
          onBroken(error);
          await endQuietly();
          throw error;
        }
        watch(controller);
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
