import { randomUUID } from 'node:crypto';
import type { ServerType } from '@hono/node-server';
import type { Problem } from './problem.ts';

/** What the HTTP parser gives up on, before the app sees anything of it. */
const refusals: Record<string, Pick<Problem, 'status' | 'title' | 'detail'> & { code: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'head-too-large',
    title: 'Request Header Fields Too Large',
    detail: 'The address and headers of the request are larger than 64 KB.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'too-slow',
    title: 'Request Timeout',
    detail: 'The request took too long to arrive.',
  },
};

const unreadable = {
  status: 400,
  code: 'bad-request',
  title: 'Bad Request',
  detail: 'The request is not HTTP.',
};

/** Answers with a problem document what Node would answer with an empty one, and closes the connection. */
export function answerUnreadable(server: ServerType): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const { code, ...fields } = refusals[error.code ?? ''] ?? unreadable;
    const problem: Problem = {
      type: `urn:tideline:problem:${code}`,
      ...fields,
      errors: [],
      request_id: randomUUID(),
    };
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${fields.status} ${fields.title}`,
      'Connection: close',
      'Cache-Control: no-store',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${problem.request_id}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
