import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import type { Scope } from '../../src/api/principal.ts';
import { sweepExports } from '../../src/exports/directory.ts';
import { writeExport } from '../../src/exports/write-export.ts';
import { addShop, type TestApi } from '../support/api.ts';
import { type ExportApi, startExportApi } from '../support/exports.ts';
import { makeOrders, storeOrders } from '../support/orders.ts';
import { readCsv } from '../support/read-table.ts';

let exporting: ExportApi;
let api: TestApi;
let shop: string;
let base: string;
let file: ExportApi['file'];
let start: ExportApi['start'];
let written: ExportApi['written'];
let writer: ExportApi['writer'];

beforeAll(async () => {
  exporting = await startExportApi();
  ({ api, shop, base, file, start, written, writer } = exporting);
  await storeOrders(api.sql, shop, makeOrders({ count: 300, seed: 7, currency: 'USD' }));
});
afterAll(() => exporting.close());

describe('an export in the background', () => {
  it('is a run with progress and the very file of the list', async () => {
    const runId = await start({ query: { status: ['COMPLETED', 'CANCELLED'] } });
    expect(await (await api.get(`/api/v1/syncs/${runId}`)).json()).toMatchObject({
      ...{ run_id: runId, shop_id: shop, stream: 'export', mode: 'export', status: 'queued', progress: null },
    });
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(409);
    await writeExport(writer, runId, new AbortController().signal);
    const run = (await (await api.get(`/api/v1/syncs/${runId}`)).json()) as Record<string, never>;
    const direct = await file(`${base}?format=csv&status=COMPLETED&status=CANCELLED`);
    const stored = await file(`/api/v1/exports/${runId}/file`);
    expect(Buffer.compare(stored.bytes, direct.bytes)).toBe(0);
    expect(stored.name).toBe(direct.name);
    const rows = readCsv(stored.bytes).length - 1;
    expect(run).toMatchObject({
      ...{ status: 'completed', error: null, counts: { written: rows } },
      progress: { orders_done: rows, orders_expected: rows, percent: 100 },
    });
    expect(await (await api.get(`/api/v1/exports/${runId}`)).json()).toMatchObject({
      path: base,
      format: 'csv',
      file: { rows, bytes: stored.bytes.length },
    });
  });

  it('takes the query as text, too, and writes workbooks', async () => {
    const runId = await written({ query: 'status=COMPLETED&sort=total_amount', format: 'xlsx' });
    const { bytes, name } = await file(`/api/v1/exports/${runId}/file`);
    expect(Buffer.from(bytes.subarray(0, 2)).toString()).toBe('PK');
    expect(name).toContain('_status-COMPLETED_');
  });

  it.each([
    [{ path: '/api/v1/session' }, 400, 'path'],
    [{ path: 'https://elsewhere.example/' }, 400, 'path'],
    [{ path: '/api/v1/shops/shop-99/orders' }, 404, undefined],
    [{ path: '/api/v1/shops/%00/orders' }, 400, 'path.shop'],
    [{ query: { status: 'lower case' } }, 400, 'query.status.0'],
    [{ query: { nonsense: '1' } }, 400, 'query.nonsense'],
    [{ query: { cursor: 'abc' } }, 400, 'query.cursor'],
    [{ query: 'min_total=abc' }, 400, 'query.min_total'],
    [{ format: 'pdf' }, 400, 'format'],
    [{ extra: 1 }, 400, 'extra'],
  ])('refuses %j with %i', async (body, status, path) => {
    const response = await api.send('POST', '/api/v1/exports', { path: base, format: 'csv', ...body });
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    expect([response.status, errors[0]?.path]).toEqual([status, path]);
  });

  it('is for nobody who may not read the list', async () => {
    const other = await addShop(api.sql, { name: 'Other Shop' });
    const make = async (scopes: ('read' | 'ingest')[], shops: string[] | null) =>
      (await createKey(api.sql, { name: 'key', scopes, shopIds: shops, expiresAt: null })).key;
    const [own, foreign, ingest] = [
      await make(['read'], [shop]),
      await make(['read'], [other]),
      await make(['ingest'], null),
    ];
    const runId = await written({});
    const deliveries = await written({ path: '/api/v1/deliveries' });
    const ask = async (path: string, key: string) => (await api.send('HEAD', path, undefined, key)).status;
    for (const path of [
      `/api/v1/exports/${runId}`,
      `/api/v1/exports/${runId}/file`,
      `/api/v1/syncs/${runId}`,
    ]) {
      expect([path, await ask(path, own), await ask(path, foreign), await ask(path, ingest)]).toEqual([
        path,
        200,
        404,
        403,
      ]);
    }
    // What belongs to no shop is not for keys of shops.
    expect(await ask(`/api/v1/exports/${deliveries}/file`, own)).toBe(404);
    const seen = (await (await api.get('/api/v1/exports', foreign)).json()) as { data: unknown[] };
    expect(seen.data).toEqual([]);
    const refused = await api.send('POST', '/api/v1/exports', { path: base, format: 'csv' }, foreign);
    expect(refused.status).toBe(404);
  });

  it('keeps its file for its time and no longer', async () => {
    const runId = await written({});
    const stray = join(api.exportDirectory, 'run_stray-1.csv');
    const foreign = join(api.exportDirectory, 'notes.txt');
    for (const path of [stray, foreign]) writeFileSync(path, 'x');
    await sweepExports(api.sql, api.exportDirectory);
    expect((await api.send('HEAD', `/api/v1/exports/${runId}/file`)).status).toBe(200);
    expect([existsSync(stray), existsSync(foreign)]).toEqual([false, true]);
    await api.sql`update exports set expires_at = now() where run_id = ${runId}`;
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(410);
    await sweepExports(api.sql, api.exportDirectory);
    expect(readdirSync(api.exportDirectory).filter((name) => name.startsWith(runId))).toEqual([]);
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(410);
    expect(await (await api.get(`/api/v1/exports/${runId}`)).json()).toMatchObject({ file: null });
  });

  it('that was cancelled or broke off leaves nothing behind', async () => {
    const runId = await start({});
    const stop = new AbortController();
    stop.abort(new Error('cancelled'));
    await expect(writeExport(writer, runId, stop.signal)).rejects.toThrow();
    const cancelled = await api.send('POST', `/api/v1/exports/${runId}/cancel`);
    expect([cancelled.status, await cancelled.json()]).toEqual([
      200,
      expect.objectContaining({ run_id: runId, status: 'cancelled', error: null, file: null }),
    ]);
    expect(readdirSync(api.exportDirectory).filter((name) => name.startsWith(runId))).toEqual([]);
    expect((await api.get(`/api/v1/exports/${runId}/file`)).status).toBe(409);
    await writeExport(writer, runId, new AbortController().signal);
    expect(await (await api.get(`/api/v1/exports/${runId}`)).json()).toMatchObject({ status: 'cancelled' });
  });

  it('is cancelled by who asked for it or steers runs, as long as it goes on', async () => {
    const other = await addShop(api.sql, { name: 'Third Shop' });
    const keyOf = async (shops: string[], ...scopes: Scope[]) =>
      (
        await createKey(api.sql, {
          name: 'key',
          scopes: ['read', ...scopes],
          shopIds: shops,
          expiresAt: null,
        })
      ).key;
    const [own, another, foreign] = [await keyOf([shop]), await keyOf([shop]), await keyOf([other], 'sync')];
    const [steering, ofNobody] = [await keyOf([shop], 'sync'), await start({})];
    const runId = await start({}, own);
    const cancel = async (id: string, key: string, body?: object) =>
      (await api.send('POST', `/api/v1/exports/${id}/cancel`, body, key)).status;
    expect(await cancel(runId, foreign)).toBe(404);
    expect(await cancel('run_nowhere', own)).toBe(404);
    expect(await cancel(runId, own, { now: true })).toBe(400);
    for (const id of [runId, ofNobody]) {
      expect((await api.get(`/api/v1/exports/${id}`, another)).status).toBe(200);
      expect(await cancel(id, another)).toBe(403);
    }
    expect(await cancel(ofNobody, own)).toBe(403);
    expect(await cancel(ofNobody, steering)).toBe(200);
    expect(await (await api.get(`/api/v1/exports/${runId}`)).json()).toMatchObject({ status: 'queued' });
    expect(await cancel(runId, own)).toBe(200);
    expect(await cancel(runId, own)).toBe(409);
    const done = await written({}, own);
    expect(await cancel(done, own)).toBe(409);
    expect((await api.get(`/api/v1/exports/${done}/file`)).status).toBe(200);
  });

  it('says so when its directory cannot be used', async () => {
    const runId = await start({});
    const blocked = join(api.exportDirectory, 'a-file');
    writeFileSync(blocked, '');
    const options = { ...writer, directory: join(blocked, 'exports') };
    await expect(writeExport(options, runId, new AbortController().signal)).rejects.toMatchObject({
      code: 'export-directory-unusable',
      actor: 'operator',
    });
  });
});
