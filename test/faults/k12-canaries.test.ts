import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'vitest';
import { shopAccess } from '../../bench/support/shop-access.ts';
import { readPages } from '../../bench/support/upstream-pages.ts';
import { credentials } from '../../simulator/conversions/platforms.ts';
import { canary, canaryPhone } from '../../simulator/orders/canaries.ts';
import { openKeyRing } from '../../src/servers/open-key-ring.ts';
import { type CredentialRow, openToken } from '../../src/shops/credentials.ts';
import { createDataKeys } from '../../src/shops/data-keys.ts';
import { runCommand } from '../support/command.ts';
import { answer, apiPlaces } from './support/api-places.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { embeddedEnvironment } from './support/own-start.ts';
import {
  backupPlace,
  databasePlaces,
  filePlaces,
  findTraces,
  historyPlaces,
  type Place,
} from './support/traces.ts';

const orders = 400;
const conversionId = 'conversion-of-canaries';
/** Where keys have to be. */
const secretsFile = 'secrets.json';
/** Of places, by their names. */
const kinds = [
  /in GET .*orders/,
  /in GET \/metrics/,
  /in POST .*: 4/,
  /in table .*\.orders$/,
  /in workflow /,
  /in backup/,
  /in file .*worker.*log/,
  /in file .*api.*log/,
  /in file .*deliveries\/.*log/,
  /in file .*temporal\.sqlite/,
  /in file .*\/base\//,
  /in file .*pg_wal/,
];

fault(
  {
    id: 'K12',
    title: 'canaries in every personal and secret field: none in logs, histories, files, tables or answers',
  },
  async ({ rig: start, seed }) => {
    const environment = { TIDELINE_LOG_LEVEL: 'debug', TIDELINE_DELIVERY_LOG: 'on' };
    const rig = await start({ orders, seed, environment });
    const { appSecret } = rig.simulator.address;
    await finish(rig, 'full');

    // Into orders that are changed, and into one that is set aside; by an incremental sync and by a full one.
    const personal = await rig.sql<{ id: string }[]>`
      select order_id as id from order_personal order by order_id limit 40`;
    expect(personal.length).toBeGreaterThan(10);
    const ids = personal.map(({ id }) => id);
    await tellPaidOrders(rig);
    await rig.change('shop-1', 'poison', ids.length, { ids, poison: 'canaries' });
    await rig.disturb({
      kind: 'poison',
      poison: 'money_exponent',
      count: 1,
      route: 'order_search',
      times: 1,
    });
    await finish(rig, 'incremental');
    expect(await rig.sql`select 1 from quarantined_records`).toHaveLength(1);
    expect(findTraces(await databasePlaces(rig.sql), [canary, canaryPhone])).toEqual([]);
    const secrets = await secretsOf(rig);
    const upstream = await upstreamPlace(rig, secrets);
    expect(findTraces([upstream], [canary, canaryPhone])).toHaveLength(2);

    // What fails: an answer that repeats what it was asked, one that is no JSON, an access that ends, a wrong key.
    const said = `Refused: ${canary}@mail.invalid, ${canaryPhone}, ${secrets.accessToken}`;
    await rig.disturb({
      kind: 'code',
      code: 36009004,
      http_status: 400,
      message: said,
      route: 'order_search',
    });
    expect(await finish(rig, 'incremental')).toMatchObject({ status: 'failed' });
    await rig.control('POST', '/grants/0/expire-access');
    await rig.disturb({ kind: 'malformed_json', route: 'order_search', after: 1, times: 2 });
    expect(await finish(rig, 'full')).toMatchObject({ status: 'completed' });
    const deliveries = await convert(rig);
    await rig.temporal.schedule.getHandle('webhookCatchUp').trigger();
    const isToldOf = async (): Promise<boolean> =>
      (await rig.sql`select 1 from order_conversion_marks`).length === 0;
    await rig.until(isToldOf, 'the paid orders are conversions');
    expect(await rig.sql`select 1 from order_conversions where decision = 'told' limit 1`).toHaveLength(1);
    const later = await secretsOf(rig);
    expect(later.accessToken).not.toBe(secrets.accessToken);

    const reader = await rig.api.post<{ key: string; id: string }>('/api/v1/api_keys', {
      name: 'reader',
      scopes: ['read', 'sync', 'ingest'],
    });
    const wrongKey = `tl_${randomBytes(20).toString('hex')}`;
    const planted = [canary, canaryPhone];
    const hidden = [appSecret, reader.key, rig.apiKey, wrongKey, ...Object.values(secrets)];
    const traces = [...planted, ...hidden, ...Object.values(later)];
    expect(traces.every((trace) => trace.length > 12)).toBe(true);

    const order = `/api/v1/shops/shop-1/orders/${ids[0]}`;
    expect(findTraces([await answer(rig, rig.apiKey, order)], planted)).toHaveLength(2);
    const values = { ...(await parametersOf(rig, ids, reader.id)), delivery_id: deliveries };
    // So that what was written so far is in the files of the tables, too.
    await rig.sql`checkpoint`;
    const places = [
      ...(await apiPlaces(rig, reader.key, values)),
      // The owner's key may see what lies under an order's id.
      ...(await apiPlaces(rig, rig.apiKey, { ...values, order_id: ['0'] })),
      ...(await errorPages(rig, reader.key, wrongKey, secrets.accessToken)),
      ...(await databasePlaces(rig.sql)),
      ...(await historyPlaces(rig.temporal)),
      await backUp(rig),
      // Last, so that the logs and the servers' files have all of it.
      ...filePlaces(join(rig.dataDirectory, 'data'), [secretsFile]),
    ];
    // What everybody may see of the shop is found by the same search in every kind of place.
    const seen = findTraces(places, ['shop-1', ids[0] ?? '', 'request_id']);
    for (const kind of kinds) expect(seen, kind.source).toContainEqual(expect.stringMatching(kind));
    expect(findTraces(places, traces)).toEqual([]);

    return {
      done: `${traces.length} canaries searched for in ${places.length} places`,
      verdict: await rig.verdict(),
    };
  },
);

async function finish(rig: FaultRig, mode: 'full' | 'incremental') {
  const { run_id: runId } = await rig.start('shop-1', mode);
  return rig.finished(runId);
}

/** Lets orders become conversions, however long ago they were paid. */
async function tellPaidOrders(rig: FaultRig): Promise<void> {
  const { status } = await fetch(`${rig.apiUrl}/api/v1/shops/shop-1/conversion_source`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${rig.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ enabled: true, paid_from: '2020-01-01T00:00:00Z' }),
  });
  expect(status).toBe(200);
}

/** Lets an event of a person full of canaries be delivered; returns the ids of its deliveries. */
async function convert(rig: FaultRig): Promise<string[]> {
  const user = {
    email: `${canary}@mail.invalid`,
    phone: canaryPhone,
    first_name: canary,
    last_name: canary,
    external_id: canary,
  };
  const event = { event_id: conversionId, event_name: 'PURCHASE', event_time: Math.floor(Date.now() / 1000) };
  const { pixel_ids, access_token } = credentials.tiktok;
  const { id: destination } = await rig.api.post<{ id: string }>('/api/v1/destinations', {
    kind: 'tiktok',
    name: 'Canaries',
    settings: { pixel_id: pixel_ids[0], access_token },
  });
  const { accepted } = await rig.api.post<{ accepted: { deliveries: { delivery_id: string }[] }[] }>(
    '/api/v1/conversions',
    { ...event, user, properties: { value: 1, currency: 'USD' }, destinations: [destination] },
  );
  const ids = accepted.flatMap(({ deliveries }) => deliveries.map(({ delivery_id: id }) => id));
  expect(ids).not.toEqual([]);
  const isDelivered = async (): Promise<boolean> => {
    const read = ids.map((id) => rig.api.get<{ status: string }>(`/api/v1/deliveries/${id}`));
    return (await Promise.all(read)).some(({ status }) => status === 'DELIVERED');
  };
  await rig.until(isDelivered, 'the event is delivered');
  return ids;
}

/** What the installation keeps secret about its shop, in clear. */
async function secretsOf(rig: FaultRig) {
  const keys = createDataKeys(openKeyRing(rig.processEnvironment.TIDELINE_ENCRYPTION_KEYS ?? '', null));
  const [row] = await rig.sql<CredentialRow[]>`select * from credentials`;
  if (row === undefined) throw new Error('No shop is connected.');
  const { accessToken, shopCipher } = await shopAccess(rig, keys);
  const refreshToken = await openToken(rig.sql, keys, row, 'refresh-token', row.refresh_token);
  return { accessToken, refreshToken, shopCipher };
}

/** The orders as the simulator answers them. */
async function upstreamPlace(
  rig: FaultRig,
  secrets: { accessToken: string; shopCipher: string },
): Promise<Place> {
  const pages: string[] = [];
  await readPages({
    ...rig.simulator.address,
    ...secrets,
    lanes: 1,
    slices: 1,
    from: 1_500_000_000,
    to: Math.floor(Date.now() / 1000),
    onPage: async (text) => void pages.push(text),
  });
  return { name: 'the simulator', text: pages.join('\n') };
}

async function backUp(rig: FaultRig): Promise<Place> {
  const file = join(rig.dataDirectory, 'shop.backup');
  const result = await runCommand(['backup', file, '--json'], embeddedEnvironment(rig));
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return backupPlace(file);
}

async function parametersOf(rig: FaultRig, orderIds: readonly string[], keyId: string) {
  const runs = await rig.sql<
    { id: string }[]
  >`select run_id as id from sync_runs union all select run_id from exports`;
  const { erasure_id: erasure } = await rig.api.post<{ erasure_id: string }>(
    '/api/v1/shops/shop-1/buyer_erasures',
    { buyer_id: '7494000000000000017' },
  );
  return {
    shop: ['shop-1', 'shop-404'],
    order_id: orderIds.slice(0, 5),
    run_id: runs.map(({ id }) => id),
    stream: ['orders'],
    key_id: [keyId],
    erasure_id: [erasure],
    event_id: [conversionId],
    id: ['tiktok'],
    webhook_id: ['whe_1'],
    replay_id: ['rpl_1'],
    file: ['start.js'],
  };
}

/** Requests that are refused although, or because, they hold what must not be kept. */
async function errorPages(rig: FaultRig, key: string, wrongKey: string, token: string): Promise<Place[]> {
  const body = JSON.stringify({ stream: 'orders', mode: 1, buyer_email: token });
  const json = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
  return [
    await answer(rig, wrongKey, '/api/v1/shops'),
    await answer(rig, key, '/api/v1/shops/shop-1/syncs', json),
    await answer(rig, key, `/connect/tiktok-shop/callback?code=${token}&state=${wrongKey}`),
    await answer(rig, key, `/api/v1/shops/shop-1/orders?cursor=${wrongKey}`),
    await answer(rig, '', '/api/v1/shops', { headers: { cookie: `tideline_session=${wrongKey}` } }),
  ];
}
