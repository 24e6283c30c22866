import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Client } from '@temporalio/client';
import { readBackup } from '../../../src/backup/read-backup.ts';
import type { Sql } from '../../../src/db/pool.ts';
import { unpackRawPage } from '../../../src/db/queries/raw-page-body.ts';

/** One place to look into, as text. */
export interface Place {
  name: string;
  text: string;
}

/** Every row of every table as text: what a dump would hold, bytes also as the text that they may be, raw pages unpacked. */
export async function databasePlaces(sql: Sql): Promise<Place[]> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  const places: Place[] = [];
  for (const { schema, name } of tables) {
    const rows = await sql<{ row: string }[]>`select t::text as row from ${sql(`${schema}.${name}`)} t`;
    const text = rows.map(({ row }) => row).join('\n');
    places.push({ name: `table ${schema}.${name}`, text: text + asText(text) });
  }
  const pages = await sql<{ page_id: number; encoding: string; body: Buffer }[]>`
    select page_id, encoding, body from tideline.raw_pages`;
  for (const { page_id: id, encoding, body } of pages) {
    places.push({ name: `raw page ${id}`, text: JSON.stringify(await unpackRawPage(encoding, body)) });
  }
  return places;
}

/** Bytes that PostgreSQL prints in hexadecimal may be text. */
function asText(row: string): string {
  return row.replaceAll(/\\+x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1'));
}

/** What a backup holds: its header as it stands in the file, and the rows of all tables, unpacked. */
export async function backupPlace(file: string): Promise<Place> {
  const chunks: Buffer[] = [];
  const { header } = await readBackup(file, { data: async (chunk) => void chunks.push(chunk) });
  const text = Buffer.concat(chunks).toString('latin1');
  return { name: 'backup', text: JSON.stringify(header) + text + asText(text) };
}

/** Every file below a folder, bytes as text of one byte a character: logs, databases, whatever lies there. */
export function filePlaces(folder: string, except: readonly string[] = []): Place[] {
  const places: Place[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const name = relative(folder, join(entry.parentPath, entry.name));
    if (!entry.isFile() || except.includes(name)) continue;
    try {
      places.push({ name: `file ${name}`, text: readFileSync(join(folder, name), 'latin1') });
    } catch (error) {
      // PostgreSQL removes files while we read.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return places;
}

/** Every event of every workflow: all texts in it, and what its payloads hold. */
export async function historyPlaces(temporal: Client): Promise<Place[]> {
  const places: Place[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    places.push({ name: `workflow ${workflowId}`, text: [...textsIn(history)].join('\n') });
  }
  return places;
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof Uint8Array) yield Buffer.from(value).toString('latin1');
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      yield name;
      yield* textsIn(inner);
    }
  }
}

/** Where the traces were found, in words; none when the places hold none of them. */
export function findTraces(places: readonly Place[], traces: readonly string[]): string[] {
  return places.flatMap(({ name, text }) =>
    traces.filter((trace) => text.includes(trace)).map((trace) => `${trace} in ${name}`),
  );
}
