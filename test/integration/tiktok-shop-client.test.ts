import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/http/request.ts';
import { createTikTokShopClient, type ShopCall } from '../../src/sources/tiktok-shop/client.ts';
import { createUpstreamClock } from '../../src/sources/tiktok-shop/clock.ts';
import { ApiError } from '../../src/sources/tiktok-shop/errors.ts';
import type { CallLogEntry, CallOutcome, ClientPorts } from '../../src/sources/tiktok-shop/ports.ts';
import { sign } from '../../src/sources/tiktok-shop/signing.ts';
import {
  answer,
  type Received,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scripted-server.ts';

const appKey = 'key-1';
const appSecret = 'very-secret';

let server: ScriptedServer;
let http: HttpClient;
let log: CallLogEntry[];
let reports: CallOutcome[];
let refreshes: number[];
let tokenVersion: number;

beforeAll(() => {
  http = createHttpClient({
    connectTimeoutMs: 1_000,
    headersTimeoutMs: 600,
    bodyTimeoutMs: 800,
    maxResponseBytes: 1_000_000,
    connectionsPerOrigin: 8,
  });
});
afterAll(() => http.close());
beforeEach(async () => {
  server = await startScriptedServer();
  log = [];
  reports = [];
  refreshes = [];
  tokenVersion = 1;
});
afterEach(() => server.close());

const ports: ClientPorts = {
  access: {
    get: async () => ({ accessToken: `token-${tokenVersion}`, tokenVersion, shopCipher: 'cipher-1' }),
    refresh: async (_, stale) => {
      refreshes.push(stale);
      tokenVersion++;
      return { accessToken: `token-${tokenVersion}`, tokenVersion, shopCipher: 'cipher-1' };
    },
  },
  budget: {
    acquire: async () => undefined,
    report: async (_, outcome) => {
      reports.push(outcome);
    },
  },
  callLog: { record: (entry) => log.push(entry) },
};

function call(options: Partial<ShopCall> = {}, clock = createUpstreamClock()) {
  const client = createTikTokShopClient({
    apiUrl: server.url,
    appKey,
    appSecret,
    ports,
    http,
    clock,
    random: () => 0,
  });
  return client.call({
    shopId: 'shop-1',
    runId: 'run_1',
    lane: 'history',
    endpointFamily: 'orders.search',
    method: 'POST',
    path: '/order/202309/orders/search',
    query: { page_size: 100, page_token: 'a+/=' },
    body: { update_time_ge: 1 },
    ...options,
  });
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

function isSigned({ path, query, headers, body }: Received): boolean {
  const expected = sign({ appSecret, path, query, contentType: headers['content-type'] ?? '', body });
  return query.sign === expected && query.app_key === appKey;
}

const outcomes = () => log.map((entry) => `${entry.attempt} ${entry.outcome}`);

describe('TikTok Shop client', () => {
  it('signs what it sends, and returns data with its birth certificate', async () => {
    const body = '{"code":0,"message":"Success","request_id":"req-9","data":{"id":5764611234567890123}}';
    const date = new Date().toUTCString();
    server.play((response) => response.writeHead(200, { date }).end(body));
    const result = await call();
    expect(result).toEqual({
      data: { id: '5764611234567890123' },
      requestId: 'req-9',
      observedAt: new Date(date),
      responseSha256: createHash('sha256').update(body).digest(),
      responseBytes: body.length,
    });
    const [received] = server.received;
    if (received === undefined) throw new Error('Nothing was received.');
    expect(isSigned(received)).toBe(true);
    expect(received.query).toMatchObject({ shop_cipher: 'cipher-1', page_token: 'a+/=', page_size: '100' });
    expect(received.headers['x-tts-access-token']).toBe('token-1');
    expect(received.body).toBe('{"update_time_ge":1}');
    expect(log).toMatchObject([
      {
        shopId: 'shop-1',
        runId: 'run_1',
        method: 'POST',
        path: '/order/202309/orders/search',
        attempt: 1,
        httpStatus: 200,
        code: 0,
        requestId: 'req-9',
        outcome: 'ok',
        responseBytes: body.length,
      },
    ]);
  });

  it('keeps the cipher from endpoints that refuse it, and sends no body where there is nothing to say', async () => {
    server.play(answer(0, {}));
    await call({ method: 'GET', path: '/authorization/202309/shops', query: {}, body: {} });
    expect(server.received[0]?.query).not.toHaveProperty('shop_cipher');
    expect(server.received[0]?.body).toBe('');
  });

  it('stamps and signs every attempt anew', async () => {
    server.play(answer(36009003), answer(0));
    await call();
    expect(server.received.map((received) => isSigned(received))).toEqual([true, true]);
    expect(server.received[0]?.query.timestamp).not.toBe(server.received[1]?.query.timestamp);
    expect(outcomes()).toEqual(['1 transient', '2 ok']);
  });

  it.each([
    ['105002 in HTTP 200', answer(105002)],
    ['105002 in HTTP 401', answer(105002, null, { status: 401 })],
    [
      'an unknown token',
      answer(36009004, null, { status: 400, message: 'x-tts-access-token header is invalid' }),
    ],
  ])('refreshes once at %s', async (_, expired) => {
    server.play(expired, answer(0, { ok: true }));
    expect((await call()).data).toEqual({ ok: true });
    expect(refreshes).toEqual([1]);
    expect(server.received[1]?.headers['x-tts-access-token']).toBe('token-2');
  });

  it('says disconnected when a fresh token is refused too', async () => {
    server.play(answer(105002));
    expect(await failure(call())).toMatchObject({
      kind: 'disconnected',
      upstreamCode: 105002,
      requestId: 'req-1',
    });
    expect(refreshes).toEqual([1]);
    expect(server.received).toHaveLength(2);
  });

  it('learns the time from a clock error and repeats once', async () => {
    const clock = createUpstreamClock({ wall: () => Date.now() - 86_400_000 });
    const checkTime: Parameters<ScriptedServer['play']>[0] = (response, received, request) => {
      const age = Date.now() / 1000 - Number(received.query.timestamp);
      const inside = age < 300 && age > -30;
      const message = 'Invalid timestamp';
      (inside ? answer(0) : answer(36009004, null, { status: 400, message }))(response, received, request);
    };
    server.play(checkTime);
    await call({}, clock);
    expect(outcomes()).toEqual(['1 clock', '2 ok']);
    await call({}, clock);
    expect(server.received).toHaveLength(3);
    server.play(answer(36009004, null, { status: 400, message: 'Invalid timestamp' }));
    expect(await failure(call({}, clock))).toMatchObject({ kind: 'clock', actor: 'operator' });
    expect(server.received).toHaveLength(5);
  });

  it('does not believe a date that TikTok cannot have, for it took the stamp of the call', async () => {
    const clock = createUpstreamClock();
    const day = 86_400_000;
    const ahead = new Date(Date.now() + day).toUTCString();
    server.play(answer(0, null, { headers: { date: ahead } }));
    const { observedAt } = await call({}, clock);
    expect(observedAt.getTime()).toBeLessThan(Date.now() + 1_000);
    expect(clock.upstreamNow()).toBeLessThan(Date.now() + 1_000);
    // One that is early makes what is read up to it early, and never wrong.
    const behind = new Date(Date.now() - day).toUTCString();
    server.play(answer(0, null, { headers: { date: behind } }));
    expect((await call({}, clock)).observedAt).toEqual(new Date(behind));
  });

  it.each([
    ['HTTP 429 without Retry-After', answer(36009002, null, { status: 429 }), null],
    [
      'HTTP 429 with Retry-After',
      answer(36009002, null, { status: 429, headers: { 'retry-after': '2' } }),
      2_000,
    ],
    ['its twin inside HTTP 200', answer(36009002), null],
  ])('tells the budget of %s, which says when to call again', async (_, throttle, retryAfterMs) => {
    server.play(throttle, answer(0));
    await call();
    expect(reports).toMatchObject([{ kind: 'throttled', retryAfterMs }, { kind: 'answered' }]);
    expect(outcomes()).toEqual(['1 rate-limited', '2 ok']);
  });

  it('hands a call on that is throttled again and again', async () => {
    server.play(answer(36009002, null, { status: 429, headers: { 'retry-after': '60' } }));
    const error = await failure(call());
    expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
    expect(server.received).toHaveLength(6);
  });

  it('tells the budget what a call without an answer, and one that was given up, came to', async () => {
    server.play((response) => response.destroy());
    const controller = new AbortController();
    const trying = failure(call({ signal: controller.signal })).catch((reason: unknown) => reason);
    while (reports.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(reports).toEqual([{ kind: 'failed' }]);
    server.play(() => controller.abort(new Error('cancelled')));
    await expect(trying).resolves.toMatchObject({ message: 'cancelled' });
    expect(reports.at(-1)).toEqual({ kind: 'abandoned' });
  });

  it('does not try again within the hour of an exhausted quota', async () => {
    server.play(answer(36009037, null, { status: 429 }));
    const error = await failure(call());
    expect(error).toMatchObject({ kind: 'quota-exhausted' });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(reports).toEqual([{ kind: 'quota-exhausted', retryAfterMs: error.retryAfterMs }]);
    expect(server.received).toHaveLength(1);
  });

  it('tries a page of a gateway again, and hands on after about fifteen seconds of it', async () => {
    server.play((response) => response.writeHead(502).end('<html><h1>502 Bad Gateway</h1></html>'));
    const error = await failure(call());
    expect(error).toMatchObject({ kind: 'transient', httpStatus: 502, retryAfterMs: 16_000 });
    expect(error.message).toContain('502 Bad Gateway');
    expect(server.received).toHaveLength(5);
  });

  it.each<[string, Parameters<ScriptedServer['play']>[0], string]>([
    ['that never answers', () => undefined, '1 transient'],
    [
      'that drips its body',
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 100);
        response.on('close', () => clearInterval(timer));
      },
      '1 transient',
    ],
    [
      'that resets in the middle of the body',
      (response, _, request) => {
        response.writeHead(200, { 'content-length': '500' });
        response.write('{"code":0,', () => request.socket.resetAndDestroy());
      },
      '1 transient',
    ],
    [
      'that sends half a JSON',
      (response) => response.end('{"code":0,"data":{"orders":['),
      '1 invalid-response',
    ],
    ['that sends nothing', (response) => response.end(), '1 invalid-response'],
  ])('tries again after a server %s', async (_, fault, outcome) => {
    server.play(fault, answer(0, { ok: 1 }));
    expect((await call()).data).toEqual({ ok: 1 });
    expect(outcomes()).toEqual([outcome, '2 ok']);
  });

  it.each([
    [98001004, 'invalid-request'],
    [105005, 'disconnected'],
    [106001, 'configuration'],
    [36009043, 'disconnected'],
  ])('does not repeat code %i (%s)', async (code, kind) => {
    server.play(answer(code));
    expect(await failure(call())).toMatchObject({ kind, upstreamCode: code, requestId: 'req-1' });
    expect(server.received).toHaveLength(1);
  });

  it('stops waiting at once when aborted', async () => {
    server.play(answer(36009003, null, { status: 500, headers: { 'retry-after': '9' } }));
    const reason = new Error('cancelled');
    const begun = performance.now();
    await expect(call({ signal: AbortSignal.timeout(150) })).rejects.toThrow(/timeout/i);
    const controller = new AbortController();
    const running = call({ signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await expect(running).rejects.toBe(reason);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it('shows no secret, token, cipher or query in errors and log', async () => {
    server.play(answer(98001004, null, { message: 'bad very-secret-token-0123456789abcdef' }));
    const error = await failure(call());
    const shown = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(log)}`;
    for (const secret of [appSecret, 'token-1', 'cipher-1', 'a+/=', 'page_token'])
      expect(shown).not.toContain(secret);
  });
});
