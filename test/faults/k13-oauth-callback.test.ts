import { expect } from 'vitest';
import { createCaller, syncEveryShop } from './support/caller.ts';
import { fault } from './support/fault.ts';

const begin = '/connect/tiktok-shop';

fault(
  {
    id: 'K13',
    title: 'OAuth callbacks with a missing, forged, reused or foreign state, a reused code, an open redirect',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 100, seed });
    await syncEveryShop(rig);
    const caller = await createCaller(rig);
    const consent = async () => {
      const begun = await caller.ask(`${begin}?sync=false`);
      expect(begun.status).toBe(302);
      const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const allowed = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' });
      return { cookie, callback: new URL(allowed.headers.get('location') ?? '') };
    };
    const come = (callback: URL, cookie: string | null) =>
      caller.ask(`${callback.pathname}${callback.search}`, {
        key: null,
        headers: cookie === null ? {} : { cookie },
      });
    const changed = (url: URL, changes: Record<string, string | null>) => {
      const copy = new URL(url);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) copy.searchParams.delete(name);
        else copy.searchParams.set(name, value);
      }
      return copy;
    };
    const stored = async () =>
      JSON.stringify([
        await rig.sql`select shop_id, status, connected_at from shops order by shop_id`,
        await rig.sql`select open_id, version, status from credentials order by open_id`,
      ]);
    const before = await stored();

    const one = await consent();
    const two = await consent();
    expect((await come(one.callback, null)).status).toBe(400);
    expect((await come(one.callback, two.cookie)).status).toBe(400);
    expect((await come(changed(one.callback, { state: null }), one.cookie)).status).toBe(400);
    expect((await come(changed(one.callback, { state: 'forged' }), one.cookie)).status).toBe(400);
    expect((await come(changed(one.callback, { state: 'x'.repeat(5_000) }), one.cookie)).status).toBe(400);
    expect(await stored()).toBe(before);

    const elsewhere = {
      redirect: 'https://evil.example',
      redirect_uri: '//evil.example',
      next: '//evil.example',
    };
    const ended = await come(changed(one.callback, elsewhere), one.cookie);
    expect([ended.status, ended.headers.get('location')]).toEqual([302, '/']);
    const after = await stored();
    expect((await come(one.callback, one.cookie)).status).toBe(400);

    // A code that was used already, under a state that is right.
    const code = one.callback.searchParams.get('code') ?? '';
    const reused = await come(changed(two.callback, { code }), two.cookie);
    expect(reused.status).toBeGreaterThanOrEqual(400);
    expect(reused.status).toBeLessThan(500);
    expect(await reused.text()).not.toContain(code);

    const three = await consent();
    const refusal = { code: 'null', error: '//evil.example/%0d%0aSet-Cookie:x=1' };
    const refused = await come(changed(three.callback, refusal), three.cookie);
    expect(refused.headers.get('location')).toMatch(/^\/connect\/refused\?reason=/);
    expect(await stored()).toBe(after);
    return {
      done: '5 forged callbacks, a reused state, a reused code, two open redirects',
      verdict: await rig.verdict(),
    };
  },
);
