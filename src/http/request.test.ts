import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpError } from './http-error.ts';
import { createHttpClient, type HttpClientOptions } from './request.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(listener: RequestListener): Promise<{ url: URL; server: Server; sockets: Set<Socket> }> {
  const server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?secret=hush`),
    server,
    sockets,
  };
}

function client(options: Partial<HttpClientOptions> = {}) {
  const http = createHttpClient({
    connectTimeoutMs: 1_000,
    headersTimeoutMs: 1_000,
    bodyTimeoutMs: 1_000,
    maxResponseBytes: 100_000,
    connectionsPerOrigin: 4,
    ...options,
  });
  cleanups.push(() => http.close());
  return http;
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

describe('http client', () => {
  it('returns status, headers and the body, and keeps connections', async () => {
    const { url, sockets } = await serve((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.setHeader('X-Twice', ['a', 'b']);
        response.writeHead(418).end(`${request.method} ${Buffer.concat(parts)}`);
      });
    });
    const http = client();
    for (let index = 0; index < 20; index++) {
      const answer = await http.request({ method: 'POST', url, body: Buffer.from('tëxt') });
      expect(answer).toMatchObject({ status: 418, headers: { 'x-twice': 'a, b' } });
      expect(answer.body.toString()).toBe('POST tëxt');
    }
    // undici opens a second one where the first has not yet been put back.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ])('undoes %s', async (encoding, pack) => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(pack(Buffer.from('{"a":1}')));
    });
    expect((await client().request({ method: 'GET', url })).body.toString()).toBe('{"a":1}');
  });

  it('refuses a broken and a swelling gzip', async () => {
    const { url } = await serve((request, response) => {
      const cut = gzipSync(Buffer.from('{"code":0}')).subarray(0, 15);
      const body = request.headers['x-case'] === 'broken' ? cut : gzipSync(Buffer.alloc(5_000_000));
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    });
    const http = client();
    const broken = http.request({ method: 'GET', url, headers: { 'x-case': 'broken' } });
    expect(await failure(broken)).toMatchObject({ kind: 'malformed' });
    expect(await failure(http.request({ method: 'GET', url }))).toMatchObject({ kind: 'too-large' });
  });

  it('gives up on a server that never answers', async () => {
    const { url } = await serve(() => undefined);
    const begun = performance.now();
    const error = await failure(client({ headersTimeoutMs: 200 }).request({ method: 'GET', url }));
    expect(error).toMatchObject({ kind: 'timeout', actor: 'retry', code: 'http-timeout' });
    expect(performance.now() - begun).toBeLessThan(900);
  });

  it('cuts a body that drips, although every byte arrives in time', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
    });
    const begun = performance.now();
    expect(await failure(client({ bodyTimeoutMs: 400 }).request({ method: 'GET', url }))).toMatchObject({
      kind: 'timeout',
    });
    expect(performance.now() - begun).toBeLessThan(1_200);
  });

  it('tells a reset before and in the middle of the body, and a body that is shorter than announced', async () => {
    const { url } = await serve((request, response) => {
      if (request.headers['x-case'] === 'at-once') {
        request.socket.destroy();
      } else {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('part', () => setTimeout(() => request.socket.resetAndDestroy(), 20));
      }
    });
    const http = client();
    const atOnce = http.request({ method: 'GET', url, headers: { 'x-case': 'at-once' } });
    expect(await failure(atOnce)).toMatchObject({ kind: 'reset' });
    expect(await failure(http.request({ method: 'GET', url }))).toMatchObject({ kind: 'reset' });
  });

  it('stops at the size limit, announced or not', async () => {
    const { url } = await serve((request, response) => {
      if (request.headers['x-case'] === 'announced') response.setHeader('content-length', '200000');
      response.write(Buffer.alloc(150_000));
      response.end(Buffer.alloc(50_000));
    });
    const http = client();
    const announced = http.request({ method: 'GET', url, headers: { 'x-case': 'announced' } });
    expect(await failure(announced)).toMatchObject({ kind: 'too-large' });
    expect(await failure(http.request({ method: 'GET', url }))).toMatchObject({ kind: 'too-large' });
  });

  it('tells refused connections, unknown names, and what does not speak TLS apart', async () => {
    const { url, server } = await serve((_, response) => response.end());
    const http = client();
    const secure = new URL(url.href.replace('http:', 'https:'));
    expect(await failure(http.request({ method: 'GET', url: secure }))).toMatchObject({
      kind: 'tls',
      actor: 'operator',
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await failure(http.request({ method: 'GET', url }))).toMatchObject({ kind: 'connect' });
    const unknown = new URL('https://tideline-test.invalid/');
    expect(await failure(http.request({ method: 'GET', url: unknown }))).toMatchObject({ kind: 'dns' });
  });

  it('stops at once when aborted, before and while it runs and while it queues', async () => {
    const { url } = await serve(() => undefined);
    const http = client({ connectionsPerOrigin: 1 });
    const reason = new Error('enough');
    const before = http.request({ method: 'GET', url, signal: AbortSignal.abort(reason) });
    expect(await failure(before)).toBe(reason);
    const controller = new AbortController();
    const running = http.request({ method: 'GET', url, signal: controller.signal });
    const queued = http.request({ method: 'GET', url, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    expect(await failure(running)).toBe(reason);
    expect(await failure(queued)).toBe(reason);
  });

  it('allows http on loopback only', async () => {
    const error = await failure(
      client().request({ method: 'GET', url: new URL('http://192.0.2.1/x?secret=hush') }),
    );
    expect(error).toMatchObject({ code: 'insecure-upstream', actor: 'operator' });
    expect(String(error)).not.toContain('hush');
  });

  it('never shows path or query in an error', async () => {
    const { url } = await serve(() => undefined);
    const error = await failure(client({ headersTimeoutMs: 50 }).request({ method: 'GET', url }));
    expect(error).toBeInstanceOf(HttpError);
    expect(`${error} ${JSON.stringify(error)} ${(error as Error).stack}`).not.toContain('hush');
  });
});
