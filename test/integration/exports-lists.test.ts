import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import { valueAt } from '../../src/exports/columns.ts';
import { disarm } from '../../src/exports/formulas.ts';
import { listRuns } from '../../src/sync/read-runs.ts';
import { addShop, type TestApi } from '../support/api.ts';
import { asText, type ExportApi, startExportApi } from '../support/exports.ts';
import { readCsv } from '../support/read-table.ts';

let exporting: ExportApi;
let api: TestApi;
let shop: string;
let file: ExportApi['file'];
let written: ExportApi['written'];

beforeAll(async () => {
  exporting = await startExportApi();
  ({ api, shop, file, written } = exporting);
});
afterAll(() => exporting.close());

function at(row: object, name: string): unknown {
  return valueAt(row, name.split('.'));
}

describe('every list that takes a format', () => {
  it.each([
    ['reconciliations', () => `/api/v1/shops/${shop}/reconciliations`, 'open_orders.due'],
    ['quarantine', () => `/api/v1/shops/${shop}/quarantine`, 'record_id'],
    ['drift', () => `/api/v1/shops/${shop}/drift`, 'occurrences'],
    ['conversions', () => '/api/v1/conversions', 'event_id'],
    ['deliveries', () => '/api/v1/deliveries', 'attempt_count'],
  ])('gives %s at once and in the background', async (_, path, column) => {
    const direct = await file(`${path()}?format=csv`);
    const [header] = readCsv(direct.bytes);
    expect(header).toContain(column);
    expect(Buffer.from((await file(`${path()}?format=xlsx`)).bytes.subarray(0, 2)).toString()).toBe('PK');
    const runId = await written({ path: path() });
    expect(Buffer.compare((await file(`/api/v1/exports/${runId}/file`)).bytes, direct.bytes)).toBe(0);
  });

  describe('equals its JSON, row by row:', () => {
    const past = '2026-01-02T00:00:00Z';
    beforeAll(async () => {
      const { sql } = api;
      await sql`
        insert into sync_runs (run_id, shop_id, stream, mode, trigger, status, workflow_id, window_from, window_to,
          started_at, finished_at, error)
        select 'run_listed' || n, ${shop}, 'orders', 'window', 'api', 'failed', 'orderSync/' || n, ${past}, ${past},
          ${past}, ${past}, ${sql.json({ code: 'x', title: '=1+1', action: null, request_id: null })}
        from generate_series(1, 3) n`;
      await sql`
        insert into api_calls (at, shop_id, method, path, attempt, http_status, code, outcome, duration_ms)
        select ${past}, ${shop}, 'GET', '/order/' || n, 1, null, 36009003, 'rate-limited', n
        from generate_series(1, 1203) n`;
      await sql`
        insert into audit_log (at, actor, action, object, outcome)
        select ${past}, 'command_line', '@sum', ${sql.json({ shop, note: ';=1' })}, 'done' from generate_series(1, 3)`;
      await sql`
        insert into webhook_events (source, source_id, topic, status, reason, received_at, processed_at)
        select 'stripe', 'evt_' || n, '-1', 'failed', E'a\n"b"', ${past}, ${past} from generate_series(1, 3) n`;
    });

    async function pagesOf(path: string): Promise<object[]> {
      const shown: object[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = (await (await api.get(`${path}&limit=500${cursor}`)).json()) as {
          data: object[];
          next_cursor: string | null;
        };
        shown.push(...page.data);
        cursor = page.next_cursor === null ? null : `&cursor=${page.next_cursor}`;
      }
      return shown;
    }
    // The API of these tests knows no runs but those that it was asked for; this is what the real one shows.
    const runs = () => listRuns(api.sql, { shopIds: [shop], stream: 'orders', limit: 10 });

    it.each([
      ['runs', () => `/api/v1/shops/${shop}/syncs?stream=orders`, runs, 3],
      ['calls', () => `/api/v1/api_calls?shop_id=${shop}`, pagesOf, 1_203],
      ['the audit log', () => '/api/v1/audit_log?to=2026-01-03T00:00:00Z', pagesOf, 3],
      ['webhooks', () => '/api/v1/webhook_events?source=stripe', pagesOf, 3],
    ])('%s', async (_, path, read, length) => {
      const shown: object[] = await read(path());
      const direct = await file(`${path()}&format=csv`);
      const [header = [], ...rows] = readCsv(direct.bytes);
      expect(shown).toHaveLength(length);
      expect(rows).toEqual(shown.map((row) => header.map((name) => disarm(asText(at(row, name))))));
      const [list, query] = path().split('?');
      const runId = await written({ path: list, query });
      expect(Buffer.compare((await file(`/api/v1/exports/${runId}/file`)).bytes, direct.bytes)).toBe(0);
      expect(Buffer.from((await file(`${path()}&format=xlsx`)).bytes.subarray(0, 2)).toString()).toBe('PK');
    });

    it('and is for nobody who may not read the list', async () => {
      const keyOf = async (shops: string[] | null) =>
        (await createKey(api.sql, { name: 'key', scopes: ['read'], shopIds: shops, expiresAt: null })).key;
      const [read, bound] = [await keyOf(null), await keyOf([shop])];
      const ask = async (path: string, key: string) => {
        const direct = await api.send('HEAD', `${path}?format=csv`, undefined, key);
        const started = await api.send('POST', '/api/v1/exports', { path, format: 'csv' }, key);
        return [direct.status, started.status];
      };
      expect(await ask('/api/v1/audit_log', read)).toEqual([200, 202]);
      expect(await ask('/api/v1/audit_log', bound)).toEqual([403, 403]);
      expect(await ask('/api/v1/webhook_events', bound)).toEqual([403, 403]);
      // Its run would belong to no shop, and the key would never see it; at once it gets what it may see.
      expect(await ask('/api/v1/api_calls', bound)).toEqual([200, 403]);
      const runId = await written({ path: '/api/v1/audit_log', query: 'to=2026-01-03T00:00:00Z' });
      expect((await api.send('HEAD', `/api/v1/exports/${runId}/file`, undefined, read)).status).toBe(200);
      expect((await api.send('HEAD', `/api/v1/exports/${runId}/file`, undefined, bound)).status).toBe(404);
    });
  });

  it('reads lists that have several pages, page by page and row by row', async () => {
    await api.sql`
      insert into drift_findings (shop_id, stream, path, kind, samples, occurrences)
      select ${shop}, 'orders', 'field_' || n, 'unknown', '{text}', n from generate_series(1, 1203) n`;
    const [, ...rows] = readCsv((await file(`/api/v1/shops/${shop}/drift?format=csv`)).bytes);
    expect(rows).toHaveLength(1_203);
    expect(new Set(rows.map(([, path]) => path)).size).toBe(1_203);
  });

  describe('tells of the installation what its JSON does, and no secret:', () => {
    const token = 'a-token-that-nobody-may-read';
    let key: string;

    beforeAll(async () => {
      ({ key } = await createKey(api.sql, { name: '=1+1', scopes: ['read'], shopIds: [shop] }));
      await addShop(api.sql, { name: '@Other Shop' });
      const destination = {
        ...{ kind: 'tiktok', id: 'second', name: '-Second', settings: { pixel_id: 'SECOND' } },
        secrets: { access_token: token },
      };
      const made = await api.send('POST', '/api/v1/destinations', destination);
      const erased = await api.send('POST', `/api/v1/shops/${shop}/buyer_erasures`, { buyer_id: '7494' });
      expect([made.status, erased.status]).toEqual([201, 200]);
      await api.sql`
        insert into appointments (source, appointment_id, status, starts_at, created_at, updated_at)
        select 'acuity', '=' || n, 'scheduled', now(), now(), now() from generate_series(1, 3) n`;
    });

    it.each([
      ['shops', '/api/v1/shops', []],
      ['keys', '/api/v1/api_keys', []],
      ['destinations', '/api/v1/destinations', ['secrets']],
      ['erasures', '/api/v1/erasures', []],
      ['appointments', '/api/v1/appointments', ['type', 'attribution']],
    ])('%s', async (_, path, leftOut: string[]) => {
      const { data } = (await (await api.get(path)).json()) as { data: object[] };
      expect(data.length).toBeGreaterThan(0);
      const direct = await file(`${path}?format=csv`);
      const [header = [], ...rows] = readCsv(direct.bytes);
      expect(rows).toEqual(data.map((row) => header.map((name) => disarm(asText(at(row, name))))));
      expect(new Set(header.map((name) => name.split('.')[0]))).toEqual(
        new Set(Object.keys(data[0] ?? {}).filter((name) => !leftOut.includes(name))),
      );
      const runId = await written({ path });
      expect(Buffer.compare((await file(`/api/v1/exports/${runId}/file`)).bytes, direct.bytes)).toBe(0);
      expect(Buffer.from((await file(`${path}?format=xlsx`)).bytes.subarray(0, 2)).toString()).toBe('PK');
      for (const secret of [token, key]) expect(Buffer.from(direct.bytes).includes(secret)).toBe(false);
    });

    it('to each key what it may see', async () => {
      const own = async (path: string) =>
        readCsv(new Uint8Array(await (await api.get(`${path}?format=csv`, key)).arrayBuffer())).slice(1);
      expect((await own('/api/v1/shops')).map(([id]) => id)).toEqual([shop]);
      expect((await own('/api/v1/api_keys')).map(([, name]) => name)).toEqual(["'=1+1"]);
      expect((await own('/api/v1/erasures')).length).toBeGreaterThan(0);
      for (const path of ['/api/v1/destinations', '/api/v1/appointments']) {
        expect([path, (await api.get(`${path}?format=csv`, key)).status]).toEqual([path, 403]);
      }
      const started = await api.send(
        'POST',
        '/api/v1/exports',
        { path: '/api/v1/shops', format: 'csv' },
        key,
      );
      expect(started.status).toBe(403);
    });

    it('without the address that an appointment was looked for by', async () => {
      const query = 'email=kim@harbour.example&external_id=harbour-7';
      const direct = await file(`/api/v1/appointments?format=csv&${query}`);
      expect(readCsv(direct.bytes)).toHaveLength(1);
      expect(direct.name).toBe('attachment; filename="appointments_UTC.csv"');
      const runId = await written({ path: '/api/v1/appointments', query });
      const [kept] = await api.sql<{ row: string }[]>`
        select row_to_json(e)::text as row from exports e where run_id = ${runId}`;
      expect(kept?.row).not.toMatch(/harbour/);
    });
  });
});
