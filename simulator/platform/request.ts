import type { IncomingMessage } from 'node:http';

const largestBody = 10 * 1024 * 1024;

/** A request as far as the routes look at it. */
export interface PlatformRequest {
  method: string;
  path: string;
  query: Map<string, string>;
  /** The query as it was sent, without `?`. */
  rawQuery: string;
  headers: IncomingMessage['headers'];
  contentType: string;
  body: Buffer;
}

/** Reads the whole request; `null` for a body beyond ten megabytes or a query that is not percent-encoded right. */
export async function readRequest(request: IncomingMessage): Promise<PlatformRequest | null> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > largestBody) return null;
    chunks.push(chunk);
  }
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new Map(new URLSearchParams(rawQuery)),
    rawQuery,
    headers: request.headers,
    contentType: request.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
  };
}
