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

/** Where the traces were found, in words; none when the places hold none of them. */
export function findTraces(places: readonly Place[], traces: readonly string[]): string[] {
  return places.flatMap(({ name, text }) =>
    traces.filter((trace) => text.includes(trace)).map((trace) => `${trace} in ${name}`),
  );
}
