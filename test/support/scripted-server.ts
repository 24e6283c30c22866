import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Step = (response: ServerResponse, received: Received, request: IncomingMessage) => void;

export interface ScriptedServer {
  url: string;
  received: Received[];
  /** One step for each request; the last one stays. */
  play(...steps: Step[]): void;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that answers by a script. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const received: Received[] = [];
  let script: Step[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const entry: Received = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      };
      received.push(entry);
      const step = script.length > 1 ? script.shift() : script[0];
      step?.(response, entry, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    play(...steps) {
      script = steps;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** TikTok's envelope. */
export function answer(
  code: number,
  data: unknown = null,
  options: { status?: number; message?: string; headers?: Record<string, string> } = {},
): Step {
  return (response) => {
    response.writeHead(options.status ?? 200, { 'content-type': 'application/json', ...options.headers });
    response.end(JSON.stringify({ code, message: options.message ?? 'Success', request_id: 'req-1', data }));
  };
}
