import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDirectory } from '../../servers/data-directory-lock.ts';
import { createApiClient } from './api-client.ts';
import { walkConsent } from './consent.ts';
import { prepareDemoDirectory } from './data-directory.ts';
import { busiestDays, readFigures } from './figures.ts';
import { demoOptions } from './options.ts';
import { withPlatforms } from './platforms.ts';
import { demoSettings, withSimulator } from './settings.ts';
import { createSimulatorControl, mixChanges } from './simulator-control.ts';
import { startSimulatorProcess } from './simulator-process.ts';

let folder: string;
const servers: Server[] = [];
const { signal } = new AbortController();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-demo-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function serve(handle: Handler): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => handle(request, response, body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const redirect = (response: ServerResponse, location: string, headers: Record<string, string> = {}): void => {
  response.writeHead(302, { location, ...headers }).end();
};

async function platformAndApi(consentPage: Handler): Promise<{ apiUrl: string; seen: string[] }> {
  const seen: string[] = [];
  const platform = await serve((request, response, body) => {
    seen.push(`${request.method} consent ${body}`.trim());
    consentPage(request, response, body);
  });
  const apiUrl = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://api');
    if (url.pathname === '/connect/tiktok-shop') {
      seen.push(`connect ${url.search} ${request.headers.authorization}`);
      redirect(response, `${platform}/open/authorize?state=s1`, {
        'set-cookie': 'binding=b1; Path=/connect/; HttpOnly',
      });
    } else {
      seen.push(`callback ${url.search} ${request.headers.cookie}`);
      redirect(response, url.searchParams.get('code') === 'null' ? '/connect/refused' : '/');
    }
  });
  return { apiUrl, seen };
}

test('the consent is walked as a browser would: page, allow, callback with the cookie', async () => {
  const place = { apiUrl: '' };
  const { apiUrl, seen } = await platformAndApi((request, response) => {
    if (request.method === 'GET') response.end('<button name="answer" value="allow">Allow</button>');
    else redirect(response, `${place.apiUrl}/connect/tiktok-shop/callback?code=c1&state=s1`);
  });
  place.apiUrl = apiUrl;
  await walkConsent({ apiUrl, key: 'k', signal });
  expect(seen).toEqual([
    'connect ?sync=false Bearer k',
    'GET consent',
    'POST consent answer=allow',
    'callback ?code=c1&state=s1 binding=b1',
  ]);
});

test.each<[string, Handler, string]>([
  [
    'an error page',
    (_, response) => void response.writeHead(400).end('no'),
    'answered with 400 and no way to allow',
  ],
  [
    'a way to somewhere else',
    (_, response) => redirect(response, 'http://127.0.0.1:9/x'),
    'instead of http://127.0.0.1',
  ],
])('a consent page that answers with %s ends the demo with a sentence', async (_, handle, fault) => {
  const { apiUrl } = await platformAndApi(handle);
  await expect(walkConsent({ apiUrl, key: 'k', signal })).rejects.toThrow(fault);
});

test('a refused call of the API tells the problem', async () => {
  const url = await serve((_, response) => {
    response.writeHead(409).end(JSON.stringify({ title: 'Parked', detail: 'The shop is parked.' }));
  });
  const call = createApiClient({ url, key: 'k', signal }).post('/api/sync/orders', {});
  await expect(call).rejects.toThrow(
    'POST /api/sync/orders was answered with 409: Parked: The shop is parked.',
  );
});

test('figures keep every currency of a shop; the busiest days are found', async () => {
  const one = { total_orders: 3, gmv: '9.50', currency: 'USD', by_day: [] };
  const url = await serve((request, response) => {
    const several = request.url?.includes('shop-2');
    response.end(JSON.stringify(several ? { by_currency: [one, { ...one, currency: 'EUR' }] } : one));
  });
  const figures = await readFigures(createApiClient({ url, signal }), ['shop-1', 'shop-2']);
  expect(figures.map(({ shop_id, currency }) => `${shop_id} ${currency}`)).toEqual([
    'shop-1 USD',
    'shop-2 USD',
    'shop-2 EUR',
  ]);
  const days = ['a', 'b', 'c'].map((date, nth) => ({ date, orders: [5, 9, 9][nth] ?? 0, gmv: '1' }));
  expect(busiestDays(days, 2).map(({ date }) => date)).toEqual(['b', 'c']);
});

test('the simulator is asked for every kind of change that the mixture has', async () => {
  const asked: string[] = [];
  const url = await serve((request, response, body) => {
    asked.push(`${request.url} ${body}`);
    response.end(JSON.stringify({ ids: ['1', '2'] }));
  });
  const ids = await createSimulatorControl(url, signal).change('77', mixChanges(500, true));
  expect(asked).toEqual([
    '/shops/77/changes {"kind":"new","count":100}',
    '/shops/77/changes {"kind":"touch","count":400}',
  ]);
  expect(ids).toHaveLength(4);
  for (const count of [1, 7, 33, 100]) {
    expect(Object.values(mixChanges(count, false)).reduce((sum, share) => sum + share)).toBe(count);
  }
});

test('a demo empties its own folder and no other', async () => {
  const own = join(folder, 'demo');
  await prepareDemoDirectory(own);
  mkdirSync(join(own, 'postgres', 'data'), { recursive: true });
  writeFileSync(join(own, 'secrets.json'), '{}');
  await prepareDemoDirectory(own);
  expect(readdirSync(own)).toEqual(['demo']);

  const other = join(folder, 'real');
  mkdirSync(other);
  writeFileSync(join(other, 'secrets.json'), '{}');
  await expect(prepareDemoDirectory(other)).rejects.toThrow('holds something that no demo made');
  expect(existsSync(join(other, 'secrets.json'))).toBe(true);
});

test('a folder on which a demo runs is left alone', async () => {
  await prepareDemoDirectory(folder);
  writeFileSync(join(folder, 'secrets.json'), '{}');
  const lock = lockDataDirectory(folder);
  await expect(prepareDemoDirectory(folder)).rejects.toMatchObject({ code: 'already-running' });
  lock.release();
  expect(existsSync(join(folder, 'secrets.json'))).toBe(true);
});

test('the settings of a demo: own folder and key, a free port, nothing of a real app', async () => {
  const settings = await demoSettings({
    TIKTOK_APP_SECRET: 'hunter2',
    TIKTOK_SHOP_APP_KEY: 'real',
    PATH: '/bin',
  });
  expect(settings.environment).not.toHaveProperty('TIKTOK_APP_SECRET');
  expect(settings.config.dataDirectory).toBe(join(process.cwd(), '.tideline/demo'));
  expect(settings.apiKey).toMatch(/^demo_.{20,}$/);
  const simulator = {
    url: 'http://127.0.0.1:4',
    controlUrl: 'http://127.0.0.1:4/control',
    appKey: 'a',
    appSecret: 's',
    serviceId: '1',
  };
  expect(withSimulator(settings, simulator).config.tiktokShop).toMatchObject({
    apiUrl: 'http://127.0.0.1:4',
    authorizeUrl: 'http://127.0.0.1:4',
    appSecret: 's',
  });
});

test('the platforms of the simulator become destinations', async () => {
  const account = { pixel_ids: ['P1', 'P2'], access_token: 'a-token' };
  const { config } = withPlatforms(await demoSettings({}), {
    tiktok: account,
    meta: account,
    google_ads: {
      ...{ customer_id: '7', conversion_actions: ['9'] },
      ...{ client_id: 'c', client_secret: 's', refresh_token: 'r' },
    },
  });
  const { destinations } = config.conversions;
  expect(destinations.map(({ id, isGiven }) => `${id} ${isGiven}`)).toEqual([
    'tiktok true',
    'meta true',
    'google_ads true',
  ]);
  expect(destinations[0]?.settings).toMatchObject({ pixel_id: 'P1' });
});

test('a port that was asked for is kept, the usual one gives way', async () => {
  const taken = Number(new URL(await serve(() => undefined)).port);
  expect((await demoSettings({ PORT: String(taken) })).config.port).toBe(taken);
  const { config } = await demoSettings({});
  expect(config.publicUrl).toBe(`http://127.0.0.1:${config.port}`);
});

test('a file is looked for where the command was typed too', () => {
  writeFileSync(join(folder, 'orders.ndjson'), '');
  expect(demoOptions({ orders: 'orders.ndjson' }, { INIT_CWD: folder }).ordersFile).toBe(
    join(folder, 'orders.ndjson'),
  );
  expect(() => demoOptions({ orders: '.' }, {})).toThrow('no file of orders at .');
});

function script(text: string): string {
  const path = join(folder, 'simulator.mjs');
  writeFileSync(path, text);
  return path;
}

test('the simulator’s address is read from among its other lines, and it is stopped', async () => {
  const told: string[] = [];
  const address = { url: 'u', control_url: 'c', app_key: 'k', app_secret: 's', service_id: 'i' };
  const simulator = await startSimulatorProcess({
    script: script(
      `console.error('line 3 skipped'); console.log(JSON.stringify(${JSON.stringify(address)})); setInterval(() => {}, 1000);`,
    ),
    args: [],
    environment: process.env,
    report: (line) => told.push(line),
    signal,
  });
  expect(simulator.address).toEqual({
    url: 'u',
    controlUrl: 'c',
    appKey: 'k',
    appSecret: 's',
    serviceId: 'i',
  });
  await simulator.stop();
  expect(await simulator.ended).toBe('signal SIGTERM');
  expect(told).toEqual(['Simulator: line 3 skipped']);
});

test('a simulator that ends at once says why', async () => {
  const started = startSimulatorProcess({
    script: script(`console.error('port 1 is taken'); process.exitCode = 1;`),
    args: [],
    environment: process.env,
    report: () => undefined,
    signal,
  });
  await expect(started).rejects.toThrow(
    'The simulator ended while it was starting (exit code 1).\nport 1 is taken',
  );
});
