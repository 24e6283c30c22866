import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

describe('migrate', () => {
  let database: TestDatabase;
  let folder: string;
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

  async function query(text: string): Promise<postgres.RowList<postgres.Row[]>> {
    const sql = postgres(database.databaseUrl, { max: 1 });
    try {
      return await sql.unsafe(text);
    } finally {
      await sql.end();
    }
  }

  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    folder = mkdtempSync(join(tmpdir(), 'tideline-migrations-'));
    write('0001_first.sql', 'create table first (id integer primary key);');
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  it('applies the files of the program to an empty database, and nothing the second time', async () => {
    const { applied } = await migrate(database.databaseUrl);
    expect(applied[0]).toBe('0001_shops.sql');
    expect(await migrate(database.databaseUrl)).toEqual({ applied: [] });
    const tables = await query(`select tablename from pg_tables where schemaname = 'tideline'`);
    expect(tables.map((row) => row.tablename)).toContain('orders');
    expect(await query(`select 1 from pg_tables where schemaname = 'public'`)).toHaveLength(0);
  });

  it('lets one of two migrators work and the other wait', async () => {
    write('0002_slow.sql', 'select pg_sleep(0.5); create table second (id integer);');
    const results = await Promise.all([1, 2, 3].map(() => migrate(database.databaseUrl, folder)));
    const applied = results.map((result) => result.applied.length).sort();
    expect(applied).toEqual([0, 0, 2]);
  });

  it('leaves nothing of a file that fails and stops there', async () => {
    write('0002_broken.sql', 'create table second (id integer); select 1 / 0;');
    write('0003_third.sql', 'create table third (id integer);');
    await expect(migrate(database.databaseUrl, folder)).rejects.toMatchObject({ code: 'migration-failed' });
    const names = await query('select name from tideline.migrations');
    expect(names.map((row) => row.name)).toEqual(['0001_first.sql']);
    expect(await query(`select to_regclass('tideline.second') as found`)).toMatchObject([{ found: null }]);
  });

  it('runs a file outside of a transaction where it says so, also while another migrator waits', async () => {
    write('0002_index.sql', '-- no transaction\ncreate index concurrently first_again on first (id);');
    await Promise.all([migrate(database.databaseUrl, folder), migrate(database.databaseUrl, folder)]);
    const found = await query(`select to_regclass('tideline.first_again') is not null as found`);
    expect(found).toMatchObject([{ found: true }]);
  });

  it('refuses a file that changed after it was applied', async () => {
    await migrate(database.databaseUrl, folder);
    write('0001_first.sql', 'create table first (id bigint primary key);');
    await expect(migrate(database.databaseUrl, folder)).rejects.toMatchObject({
      code: 'migration-changed',
      message: expect.stringContaining('0001_first.sql'),
    });
  });

  it('refuses a database that is newer than the program', async () => {
    write('0002_later.sql', 'select 1;');
    await migrate(database.databaseUrl, folder);
    rmSync(join(folder, '0002_later.sql'));
    await expect(migrate(database.databaseUrl, folder)).rejects.toMatchObject({
      code: 'database-newer',
      message: expect.stringContaining('0002_later.sql'),
    });
  });

  it('says in one sentence, without the password, that a server cannot be reached', async () => {
    const url = inject('databaseUrl').replace(/:\d+\//, ':1/');
    const failure = await migrate(url).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'database-not-reachable' });
    expect((failure as Error).message).toContain('127.0.0.1:1');
    expect((failure as Error).message).not.toContain(new URL(url).password);
  });
});
