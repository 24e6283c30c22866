import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import type { Erasure } from '../../src/privacy/erasures.ts';
import { addShop, startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let shopId: string;

beforeEach(async () => {
  api = await startTestApi();
  shopId = await addShop(api.sql);
});

afterEach(async () => {
  await api.close();
});

async function json<Body>(response: Response | Promise<Response>): Promise<Body> {
  return (await (await response).json()) as Body;
}

const erase = (body: unknown) => api.send('POST', `/api/v1/shops/${shopId}/buyer_erasures`, body);

describe('erasing a buyer by the API', () => {
  it('answers the report, and keeps it for the list', async () => {
    const done = await json<Erasure>(erase({ buyer_id: '7494' }));
    expect(done).toMatchObject({ shop_id: shopId, subject: 'buyer', status: 'finished' });
    expect(done.report).toMatchObject({
      deleted: { order_personal: 0 },
      changed: { orders: 0, raw_pages: 0 },
    });
    expect(await json(api.get(`/api/v1/erasures/${done.erasure_id}`))).toEqual(done);
    expect(await json(api.get('/api/v1/erasures'))).toEqual({ data: [done], next_cursor: null });
    const kept = await api.sql`select e::text as row from erasures e`;
    expect(JSON.stringify(kept)).not.toContain('7494');
  });

  it('keeps nothing of a rehearsal', async () => {
    const rehearsed = await json<Erasure>(erase({ buyer_id: '7494', dry_run: true }));
    expect(rehearsed).toMatchObject({ erasure_id: null, status: 'rehearsed' });
    expect(await api.sql`select 1 from erasures union all select 1 from erased_buyers`).toHaveLength(0);
  });

  it.each([
    {},
    { buyer_id: '' },
    { buyer_id: 7494 },
    { buyer_id: 'x'.repeat(201) },
    { buyer_id: '1', more: 1 },
    [],
  ])('refuses %j', async (body) => {
    expect((await erase(body)).status).toBe(400);
  });

  it('takes an admin key that may see the shop; what was erased may be read', async () => {
    const { key: writer } = await createKey(api.sql, { name: 'w', scopes: ['write'], shopIds: null });
    const { key: bound } = await createKey(api.sql, { name: 'b', scopes: ['admin'], shopIds: ['shop-9'] });
    const path = `/api/v1/shops/${shopId}/buyer_erasures`;
    expect((await api.send('POST', path, { buyer_id: '7494' }, writer)).status).toBe(403);
    expect((await api.send('POST', path, { buyer_id: '7494' }, bound)).status).toBe(404);
    const { erasure_id: id } = await json<Erasure>(erase({ buyer_id: '7494' }));
    expect((await api.get(`/api/v1/erasures/${id}`, bound)).status).toBe(404);
    expect(await json(api.get('/api/v1/erasures', bound))).toEqual({ data: [], next_cursor: null });
    expect((await api.get('/api/v1/erasures', writer)).status).toBe(403);
  });

  it('lists page by page', async () => {
    const ids: (string | null)[] = [];
    for (const buyer of ['1', '2', '3'])
      ids.unshift((await json<Erasure>(erase({ buyer_id: buyer }))).erasure_id);
    type Page = { data: Erasure[]; next_cursor: string | null };
    const first = await json<Page>(api.get('/api/v1/erasures?limit=2'));
    const second = await json<Page>(api.get(`/api/v1/erasures?limit=2&cursor=${first.next_cursor}`));
    expect([...first.data, ...second.data].map((one) => one.erasure_id)).toEqual(ids);
    expect(second.next_cursor).toBeNull();
    const counted = await json<{ total: number }>(api.get('/api/v1/erasures?limit=1&with_total=true'));
    expect(counted.total).toBe(3);
    expect((await api.get('/api/v1/erasures?cursor=nonsense')).status).toBe(400);
  });
});

describe('erasing a shop by the API', () => {
  it('ends its access at once and leaves the rows to a worker', async () => {
    const response = await api.send('DELETE', `/api/v1/shops/${shopId}?erase=true`);
    expect(response.status).toBe(202);
    const begun = await json<Erasure>(response);
    expect(begun).toMatchObject({ shop_id: shopId, subject: 'shop', status: 'running', report: null });
    expect(api.world.erasing).toEqual([`${shopId} ${begun.erasure_id}`]);
    expect(await json(api.get(`/api/v1/shops/${shopId}`))).toMatchObject({ status: 'disconnected' });
    const again = await json<Erasure>(api.send('DELETE', `/api/v1/shops/${shopId}?erase=true`));
    expect(again.erasure_id).toBe(begun.erasure_id);
  });

  it('can be rehearsed, and only together with the wish to erase', async () => {
    const rehearsed = await json<Erasure>(
      api.send('DELETE', `/api/v1/shops/${shopId}?erase=true&dry_run=true`),
    );
    expect(rehearsed).toMatchObject({ status: 'rehearsed', report: { deleted: { shops: 1 } } });
    expect((await api.send('DELETE', `/api/v1/shops/${shopId}?dry_run=true`)).status).toBe(400);
    expect((await api.send('DELETE', `/api/v1/shops/${shopId}?erase=perhaps`)).status).toBe(400);
    expect(await json(api.get(`/api/v1/shops/${shopId}`))).toMatchObject({ status: 'active' });
    expect(api.world.erasing).toEqual([]);
  });
});
