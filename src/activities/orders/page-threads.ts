import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { HttpError } from '../../http/http-error.ts';
import type { DecodeBody, DecodedBody } from '../../sources/tiktok-shop/envelope.ts';

export interface PageThreads {
  decodePage: DecodeBody;
  close(): Promise<void>;
}

/** A thread that nobody needs for this long gives its memory back. */
const idleMs = 10_000;
const mostThreads = 4;

/**
 * Threads that take pages apart: parsing, mapping and compressing a page costs more than everything else about it,
 * and the thread that talks to TikTok, PostgreSQL and Temporal must not wait for it. A page that bursts the memory
 * of its thread ends that thread and not the worker: it is an answer too large, and asked for again in parts.
 *
 * @param mostMegabytes heap of one thread, beside its young generation
 */
export function openPageThreads(mostMegabytes = 512): PageThreads {
  const pool = new Piscina<Uint8Array, DecodedBody>({
    filename: new URL('./page-thread.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: Math.min(mostThreads, availableParallelism()),
    idleTimeout: idleMs,
    // Nothing of a page lives on in its thread: short-lived objects are all that its heap should see.
    resourceLimits: { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: mostMegabytes },
  });
  return {
    async decodePage(body) {
      try {
        return await pool.run(body, { transferList: transferable(body) });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
        throw new HttpError('too-large', 'TikTok answered a page that is too large for this machine.', error);
      }
    },
    close: () => pool.destroy(),
  };
}

/** A body that has its memory for itself changes hands; one that is a part of something is copied. */
function transferable(body: Buffer): ArrayBuffer[] {
  const { buffer, byteLength } = body;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
