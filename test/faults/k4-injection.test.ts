import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createCaller, syncEveryShop } from './support/caller.ts';
import { fault } from './support/fault.ts';

const hostile = [
  `'; drop table tideline.orders; --`,
  `" or 1=1) union select access_token from credentials --`,
  `\\'; select pg_sleep(60); --`,
  '%',
  '_',
  '$1',
  '../../../../etc/passwd',
  '..%2f..%2fpackage.json',
  '__proto__',
  'constructor',
  'toString',
  'x\r\nSet-Cookie: tideline_session=stolen\r\n\r\n<script>',
  '{"request_id":"forged","level":50}\n{"msg":"forged"}',
  '$\u007bjndi:ldap://127.0.0.1/x}{{7*7}}<%= 7*7 %>',
  '\u202efdp.exe\u0000',
  '\ud800',
];

const bodies = [
  '{"__proto__": {"scopes": ["admin"], "shop_id": "shop-1"}}',
  '{"constructor": {"prototype": {"scopes": ["admin"]}}}',
  '{"shop_id": {"$ne": null}}',
  `{"shop_id": "' or '1'='1"}`,
  '[]',
  '"shop-1"',
];

fault(
  { id: 'K4', title: 'SQL, header, log, path and prototype injection in every place that takes a value' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 300, seed });
    await syncEveryShop(rig);
    const caller = await createCaller(rig);
    const { key } = await caller.makeKey(['read', 'sync']);
    let calls = 0;
    const attack = async (path: string, call: Parameters<typeof caller.ask>[1]): Promise<void> => {
      const response = await caller.ask(path, { key, ...call });
      const text = await response.text();
      expect([path, call, response.status < 500]).toEqual([path, call, true]);
      expect([path, response.headers.get('set-cookie')]).toEqual([path, null]);
      expect(text).not.toMatch(/root:.*:0:0|"name": "tideline"/);
      calls += 1;
    };
    for (const { method, path, scope, parameters } of await caller.operations()) {
      if (scope === null || path.endsWith('/events')) continue;
      const filled = path.replaceAll(/\{shop\}/g, 'shop-1').replaceAll(/\{\w+\}/g, 'x');
      for (const value of hostile) {
        const encoded = encodeURIComponent(value.toWellFormed());
        if (path.includes('{')) await attack(path.replaceAll(/\{\w+\}/g, encoded), { method });
        for (const parameter of parameters.filter((one) => one.in === 'query')) {
          await attack(`${filled}?${parameter.name}=${encoded}`, { method });
        }
      }
      if (method === 'GET') continue;
      for (const body of bodies) await attack(filled, { method, body });
    }
    for (const id of ['x'.repeat(200), '"},{"forged":1', '../../x']) {
      await attack('/api/v1/shops', { headers: { 'x-request-id': id } });
      await attack('/api/v1/shops', { headers: { cookie: `tideline_session=${encodeURIComponent(id)}` } });
    }
    expect(({} as Record<string, unknown>).scopes).toBeUndefined();

    const lines = readFileSync(join(rig.dataDirectory, 'data', 'logs', 'api.log'), 'utf8')
      .trim()
      .split('\n');
    for (const line of lines) {
      const entry = JSON.parse(line) as { request_id?: string; msg?: string };
      expect([entry.request_id === 'forged', entry.msg === 'forged']).toEqual([false, false]);
    }
    return {
      done: `${calls} hostile requests, ${lines.length} log lines read`,
      verdict: await rig.verdict(),
    };
  },
);
