import { expect } from 'vitest';
import { scopes } from '../../src/api/principal.ts';
import { type Caller, createCaller, type Operation, syncEveryShop } from './support/caller.ts';
import { fault } from './support/fault.ts';

/** Operations that need no key; a new one is named here by whoever means it. */
const open = [
  'completeConnection',
  // Looks for the session, the key or the link by itself.
  'connectShop',
  'readLiveness',
  'readReadiness',
  'readSnippet',
  // Signed by whoever sends them.
  'receiveAcuityWebhook',
  'receiveStripeWebhook',
  // Opened by a secret of their own, where one is set.
  'sendGoogleAdsTest',
  'sendMetaTest',
  'sendTikTokTest',
  'signIn',
  'signOut',
];

/** Bodies that are right, for operations that would refuse an empty one before they look at the shop. */
const bodies: Record<string, unknown> = {
  startSync: { stream: 'orders', mode: 'full' },
  startBackfill: { start_date: '2026-03-01', end_date: '2026-03-02' },
  changeShop: { sync_enabled: true },
  connectSellerCenter: { cookie: 'session=1', seller_id: '1' },
  changeSellerCenter: { signer: 'none' },
  importWorkbook:
    '--form\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nPK\r\n--form--\r\n',
  writeBrandRules: { rules: [] },
  previewBrandRules: { rules: [] },
  writeSchedule: { every: '5m' },
  writeConversionSource: { enabled: true },
  replayConversionSource: { from: '2026-11-01T00:00:00Z' },
  eraseBuyer: { buyer_id: 'nobody', dry_run: true },
};

/** What lists of days would refuse to do without, before they look at the shop. */
const days = '?start_date=2026-11-01&end_date=2026-11-05';

/** Path parameters that name nothing of a shop by themselves. */
const neutral = {
  ...{ stream: 'orders', order_id: '1', file: 'start.js' },
  // Conversions belong to no shop.
  ...{ webhook_id: 'whe_1', event_id: '1', id: 'tiktok', delivery_id: 'dlv_1', replay_id: 'rpl_1' },
};

fault(
  { id: 'K1', title: 'every operation with every kind of key, and on the shop of another tenant' },
  async ({ rig: start, seed }) => {
    const rig = await start({ shops: 2, orders: 300, seed });
    const runs = await syncEveryShop(rig);
    const caller = await createCaller(rig);
    const operations = await caller.operations();
    expect(
      operations
        .filter(({ scope }) => scope === null)
        .map(({ operationId }) => operationId)
        .sort(),
    ).toEqual(open);
    const byScope = await tryScopes(caller, operations);

    const [own, foreign] = [...runs.keys()];
    if (own === undefined || foreign === undefined) throw new Error('Two shops are needed.');
    const { key } = await caller.makeKey(scopes, [own]);
    const stranger = await caller.makeKey(['read'], [foreign]);
    const erased = await caller.ask(`/api/v1/shops/${foreign}/buyer_erasures`, {
      method: 'POST',
      body: { buyer_id: 'nobody' },
    });
    const { erasure_id } = (await erased.json()) as { erasure_id: string };
    const values = {
      ...neutral,
      shop: foreign,
      run_id: runs.get(foreign) ?? '',
      key_id: stranger.id,
      erasure_id,
    };
    const foreignPaths = await tryForeign(caller, operations, key, values);
    const [shop] = await rig.sql<{ id: string }[]>`
      select tiktok_shop_id as id from shops where shop_id = ${foreign}`;
    const lists = await readLists(caller, operations, key, [
      foreign,
      shop?.id ?? '',
      values.run_id,
      erasure_id,
    ]);
    return {
      done: `${byScope} calls by scope, ${foreignPaths} on a foreign shop, ${lists} lists read for its traces`,
      verdict: await rig.verdict(),
    };
  },
);

/** 401 without a key, 403 without the scope, neither with it. Returns how many calls were made. */
async function tryScopes(caller: Caller, operations: readonly Operation[]): Promise<number> {
  const keys = await Promise.all(
    scopes.map(async (scope) => ({ held: scope, key: (await caller.makeKey([scope])).key })),
  );
  let calls = 0;
  for (const { method, path, scope } of operations) {
    if (scope === null) continue;
    const url = path.replaceAll(/\{\w+\}/g, 'nothing');
    expect([method, path, (await caller.ask(url, { method, key: null })).status]).toEqual([
      method,
      path,
      401,
    ]);
    for (const { held, key } of keys) {
      const { status } = await caller.ask(url, { method, key });
      const allowed = held === scope || held === 'admin';
      expect([method, path, held, status === 403]).toEqual([method, path, held, !allowed]);
      expect([method, path, status < 500 && status !== 401]).toEqual([method, path, true]);
      calls += 1;
    }
  }
  return calls;
}

/** Whatever names a shop, a run or a key of another tenant is 404. */
async function tryForeign(
  caller: Caller,
  operations: readonly Operation[],
  key: string,
  values: Record<string, string>,
): Promise<number> {
  let tried = 0;
  for (const { method, path, operationId, parameters } of operations) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
    // A parameter that this test does not know may name something foreign: it has to be given a value here.
    expect([path, names.filter((name) => !(name in values))]).toEqual([path, []]);
    if (names.every((name) => name in neutral)) continue;
    const asked = parameters.some(({ name }) => name === 'start_date') ? days : '';
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '') + asked;
    const isForm = operationId === 'importWorkbook';
    const headers = isForm ? { 'content-type': 'multipart/form-data; boundary=form' } : {};
    const { status } = await caller.ask(url, { method, key, headers, body: bodies[operationId] });
    expect([operationId, url, status]).toEqual([operationId, url, 404]);
    tried += 1;
  }
  expect(tried).toBeGreaterThan(14);
  return tried;
}

/** What a key may read without naming a shop tells nothing of a foreign one. */
async function readLists(
  caller: Caller,
  operations: readonly Operation[],
  key: string,
  traces: readonly string[],
): Promise<number> {
  let read = 0;
  for (const { method, path, scope } of operations) {
    if (method !== 'GET' || scope === null || path.includes('{')) continue;
    const response = await caller.ask(path, { key });
    const text = await response.text();
    // An example of the document may look like an id.
    if (path === '/openapi.json') continue;
    expect([path, traces.filter((trace) => text.includes(trace))]).toEqual([path, []]);
    read += 1;
  }
  return read;
}
