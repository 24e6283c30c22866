import { expect } from 'vitest';
import { createCaller, syncEveryShop } from './support/caller.ts';
import { fault } from './support/fault.ts';

const orders = '/api/v1/shops/shop-1/orders';

fault(
  { id: 'K10', title: 'huge pages, ranges, filters and bodies are refused before any work, or are harmless' },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 300, seed });
    await syncEveryShop(rig);
    const caller = await createCaller(rig);
    const many = (count: number, text: string) => Array.from({ length: count }, () => text).join('&');
    const refused: [string, number][] = [
      [`${orders}?limit=1000000000`, 400],
      [`${orders}?limit=501`, 400],
      [`${orders}?sort=password`, 400],
      [`${orders}?created_ge=-271821-04-20T00:00:00Z`, 400],
      [`${orders}?min_total=${'9'.repeat(500)}`, 400],
      [`${orders}?search=${'x'.repeat(10_000)}`, 400],
      [`${orders}?${many(1_000, 'status=PAID')}`, 400],
      [`${orders}?cursor=${'A'.repeat(5_000)}`, 400],
      [`${orders}?${many(100_000, 'status=UNPAID')}`, 431],
    ];
    for (const [path, status] of refused) {
      const response = await caller.ask(path);
      expect([path.slice(0, 90), response.status]).toEqual([path.slice(0, 90), status]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
    const century = `${orders}/stats?created_ge=1926-01-01T00:00:00Z&created_lt=2126-01-01T00:00:00Z`;
    expect(((await (await caller.ask(century)).json()) as { total_orders: number }).total_orders).toBe(300);

    const huge = { method: 'POST', body: `{"shop_id": "${'x'.repeat(11 * 1024 * 1024)}"}` };
    expect((await caller.ask('/api/sync/orders', huge)).status).toBe(413);
    const deep = { method: 'POST', body: `${'['.repeat(200_000)}${']'.repeat(200_000)}` };
    expect((await caller.ask('/api/sync/orders', deep)).status).toBe(400);
    const wide = JSON.stringify(
      Object.fromEntries(Array.from({ length: 50_000 }, (_, nth) => [`f${nth}`, nth])),
    );
    const answer = await caller.ask('/api/sync/orders', { method: 'POST', body: wide });
    expect(answer.status).toBe(400);
    expect((await answer.text()).length).toBeLessThan(20_000);
    const keys = { method: 'POST', body: { name: 'x', scopes: Array(10_000).fill('read') } };
    expect((await caller.ask('/api/v1/api_keys', keys)).status).toBe(400);
    expect((await caller.ask('/health/ready', { key: null })).status).toBe(200);
    return { done: `${refused.length + 4} huge requests`, verdict: await rig.verdict() };
  },
);
