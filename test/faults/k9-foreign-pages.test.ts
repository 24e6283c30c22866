import { request } from 'node:http';
import { expect } from 'vitest';
import { createCaller, syncEveryShop } from './support/caller.ts';
import { fault } from './support/fault.ts';

fault(
  { id: 'K9', title: 'a foreign page that uses a session: forged requests, frames, reading across origins' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 100, seed });
    await syncEveryShop(rig);
    const caller = await createCaller(rig);
    const { key, id } = await caller.makeKey(['admin']);
    const signedIn = await caller.ask('/api/v1/session', { method: 'POST', key: null, body: { key } });
    const [cookie = '', ...flags] = (signedIn.headers.get('set-cookie') ?? '').split('; ');
    expect(flags).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Lax', 'Path=/']));

    const writes = [
      { method: 'DELETE', path: '/api/v1/shops/shop-1', body: undefined },
      { method: 'PATCH', path: '/api/v1/shops/shop-1', body: { sync_enabled: false } },
      { method: 'POST', path: '/api/sync/orders/full', body: {} },
      { method: 'POST', path: '/api/v1/api_keys', body: { name: 'theirs', scopes: ['admin'] } },
      { method: 'DELETE', path: '/api/v1/session', body: undefined },
    ];
    const origin = new URL(rig.apiUrl).origin;
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: origin.replace('http:', 'https:').replace(/:\d+$/, ':1') },
      { origin: `${origin}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
    ];
    let refused = 0;
    for (const { method, path, body } of writes) {
      for (const headers of foreign) {
        const response = await caller.ask(path, { method, key: null, body, headers: { cookie, ...headers } });
        expect([method, path, headers, response.status]).toEqual([method, path, headers, 403]);
        refused += 1;
      }
      // A form can send no JSON, and needs no leave to be sent.
      const headers = { cookie, 'content-type': 'text/plain' };
      const form = await caller.ask(path, { method, key: null, body: '{"name":"x"}', headers });
      expect([method, path, form.status]).toEqual([method, path, 415]);
    }
    const preflight = await caller.ask('/api/v1/shops', {
      method: 'OPTIONS',
      key: null,
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.status).toBe(403);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    for (const path of ['/', '/docs', '/api/v1/shops', '/nothing']) {
      const { headers } = await caller.ask(path);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe/);
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(await statusOfHost(rig.apiUrl, 'evil.example')).toBe(421);

    const own = await caller.ask('/api/v1/session', { key: null, headers: { cookie, origin } });
    expect(own.status).toBe(200);
    expect((await caller.ask(`/api/v1/api_keys/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await caller.ask('/api/v1/session', { key: null, headers: { cookie } })).status).toBe(401);
    return { done: `${refused} forged writes with a session`, verdict: await rig.verdict() };
  },
);

/** `fetch` does not let a program name another host. */
function statusOfHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/health/live`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.once('error', reject);
    asked.end();
  });
}
