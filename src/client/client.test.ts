import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createTidelineClient, readVisitor } from './index.ts';

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

interface Received {
  authorization: string | undefined;
  body: { events: Record<string, unknown>[] };
}

const accepted = { accepted: [{ event_id: 'a', deliveries: [] }], duplicates: [], rejected: [] };

/** Answers each request with the next of these statuses; `hang` never answers. */
async function serve(...statuses: (number | 'hang')[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const listening = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    received.push({
      authorization: request.headers.authorization,
      body: JSON.parse(Buffer.concat(parts).toString()),
    });
    const status = statuses.shift() ?? 202;
    if (status === 'hang') return;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(accepted));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`, received };
}

const event = { event_id: 'a', event_name: 'PURCHASE', event_time: 1_790_000_000 };

describe('the client', () => {
  it('sends events with its key, and tells what was said', async () => {
    const { url, received } = await serve();
    const client = createTidelineClient({ url, apiKey: 'tdl_key' });
    expect(await client.send(event)).toEqual({ ok: true, acceptance: accepted });
    expect(received).toEqual([{ authorization: 'Bearer tdl_key', body: { events: [event] } }]);
  });

  it('makes up an id and a time, the same in every try', async () => {
    const { url, received } = await serve(503, 202);
    expect(await createTidelineClient({ url, apiKey: 'k' }).send({ event_name: 'PURCHASE' })).toMatchObject({
      ok: true,
    });
    expect(received).toHaveLength(2);
    expect(received[0]?.body.events[0]).toMatchObject({
      event_id: expect.stringMatching(/.{20}/),
      event_time: expect.any(Number),
    });
    expect(received[1]?.body).toEqual(received[0]?.body);
  });

  it.each([
    [[503, 429, 500], 3],
    [[401], 1],
    [['hang', 'hang', 'hang'], 3],
  ] as [(number | 'hang')[], number][])('tells that it has failed after %j', async (statuses, tries) => {
    const { url, received } = await serve(...statuses);
    const client = createTidelineClient({ url, apiKey: 'k', timeoutMs: 300 });
    expect(await client.send(event)).toEqual({ ok: false, reason: expect.any(String) });
    expect(received).toHaveLength(tries);
  });

  it('never throws: not without a server, nor for what is no JSON', async () => {
    const client = createTidelineClient({ url: 'http://127.0.0.1:1', apiKey: 'k', retries: 0 });
    expect(await client.send(event)).toMatchObject({ ok: false });
    expect(await client.send({ ...event, properties: { value: 5n } })).toMatchObject({ ok: false });
    expect(await client.track(undefined as never, event)).toMatchObject({ ok: false });
  });

  it('adds what the request tells, unless the event says otherwise', async () => {
    const { url, received } = await serve();
    const request = { headers: { cookie: '_ttp=cookie; ttclid=E.1', 'user-agent': 'Browser' } };
    const fields = { tideline_event_id: 'page-1' };
    const given = {
      event_name: 'COMPLETE_REGISTRATION',
      event_time: 1,
      user: { email: 'jo@example.com', ttp: 'own' },
    };
    await createTidelineClient({ url, apiKey: 'k' }).track(request, given, { fields });
    expect(received[0]?.body.events).toEqual([
      {
        event_id: 'page-1',
        event_name: 'COMPLETE_REGISTRATION',
        event_time: 1,
        user: { email: 'jo@example.com', ttp: 'own', ttclid: 'E.1', user_agent: 'Browser' },
        page: {},
      },
    ]);
  });
});

describe('a visitor', () => {
  it('is read from cookies, headers and the fields of the snippet, of which the last win', () => {
    const headers = {
      cookie:
        '_fbp=fb.1.2.3; _fbc=fb.1.2.C; tideline_clicks=gclid%3DG1%26wbraid%3DW1; _ttp=T; ttclid=old; odd=%zz',
      referer: 'https://shop.example/pay',
      'user-agent': 'Browser',
    };
    const fields = {
      tideline_ttclid: 'new',
      tideline_page_url: 'https://shop.example/?a=1',
      other: 'x',
      tideline_fbp: '',
    };
    expect(readVisitor({ headers, socket: { remoteAddress: '::ffff:203.0.113.7' } }, { fields })).toEqual({
      user: {
        ttclid: 'new',
        ttp: 'T',
        fbc: 'fb.1.2.C',
        fbp: 'fb.1.2.3',
        gclid: 'G1',
        wbraid: 'W1',
        ip: '203.0.113.7',
        user_agent: 'Browser',
      },
      page: { url: 'https://shop.example/?a=1' },
    });
  });

  it('has the address that the proxy names, and only where it is asked', () => {
    const headers = new Headers({ 'x-forwarded-for': '198.51.100.9, 10.0.0.1', cookie: 'clickid=E.2' });
    const socket = { remoteAddress: '10.0.0.1' };
    expect(readVisitor({ headers, socket }).user).toEqual({ ip: '10.0.0.1' });
    expect(
      readVisitor({ headers, socket }, { ipHeader: 'X-Forwarded-For', ttclidCookie: 'clickid' }).user,
    ).toEqual({
      ip: '198.51.100.9',
      ttclid: 'E.2',
    });
    expect(readVisitor({ headers: {}, socket }, { ipHeader: 'cf-connecting-ip' }).user).toEqual({});
  });
});
