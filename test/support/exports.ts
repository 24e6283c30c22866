import { expect } from 'vitest';
import { openPool } from '../../src/db/pool.ts';
import { type ExportWriter, writeExport } from '../../src/exports/write-export.ts';
import { addShop, startTestApi, type TestApi } from './api.ts';

/** The API with one shop, and what tests of files ask of it. */
export interface ExportApi {
  api: TestApi;
  shop: string;
  /** The path of the shop's orders. */
  base: string;
  /** What a worker writes with. */
  writer: ExportWriter;
  /** A file as it is downloaded; `path` answers 200. */
  file(path: string): Promise<{ bytes: Uint8Array; name: string; type: string }>;
  /**
   * Asks for an export, of the orders as CSV where the body says nothing else, with the key of the environment where none
   * is given; answers its run id.
   */
  start(body: object, key?: string): Promise<string>;
  /** The same, and writes its file. */
  written(body: object, key?: string): Promise<string>;
  close(): Promise<void>;
}

export async function startExportApi(): Promise<ExportApi> {
  const api = await startTestApi();
  const shop = await addShop(api.sql);
  const base = `/api/v1/shops/${shop}/orders`;
  const { user, pass, host, port, database } = api.sql.options;
  const url = `postgres://${user}:${pass ?? ''}@${host[0]}:${port[0]}/${database}`;
  const readers = openPool(url, { applicationName: 'test readers', maxConnections: 1 });
  const writer = { sql: api.sql, readers, directory: api.exportDirectory, hoursToKeep: 24 };

  async function start(body: object, key?: string): Promise<string> {
    const response = await api.send('POST', '/api/v1/exports', { path: base, format: 'csv', ...body }, key);
    const started = (await response.json()) as { run_id: string };
    expect([response.status, started]).toEqual([202, expect.objectContaining({ mode: 'export' })]);
    expect(api.world.exporting.at(-1)).toBe(started.run_id);
    return started.run_id;
  }

  return {
    ...{ api, shop, base, writer, start },
    async file(path) {
      const response = await api.get(path);
      expect([path, response.status]).toEqual([path, 200]);
      return {
        bytes: new Uint8Array(await response.arrayBuffer()),
        name: response.headers.get('content-disposition') ?? '',
        type: response.headers.get('content-type') ?? '',
      };
    },
    async written(body, key) {
      const runId = await start(body, key);
      await writeExport(writer, runId, new AbortController().signal);
      return runId;
    },
    async close() {
      await readers.end();
      await api.close();
    },
  };
}

/** What a CSV cell has to hold for a value of the JSON list. */
export function asText(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
