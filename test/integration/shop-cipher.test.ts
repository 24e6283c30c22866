import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { packageRoot } from '../../src/paths.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const before = '0014_shop_ciphers.sql';

describe('an installation that kept ciphers in clear', () => {
  let database: TestDatabase;
  let folder: string;
  let sql: postgres.Sql;

  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
    folder = mkdtempSync(join(tmpdir(), 'tideline-migrations-'));
    const directory = join(packageRoot, 'migrations');
    for (const name of readdirSync(directory)) {
      if (name < before) cpSync(join(directory, name), join(folder, name));
    }
    await migrate(database.databaseUrl, folder);
    sql = postgres(database.databaseUrl, { max: 1, connection: { search_path: 'tideline' } });
    await sql`
      insert into shops (tiktok_shop_id, name, region, time_zone, shop_cipher, status, last_error) values
        ('1', 'Active', 'US', '-08:00', 'cipher-in-clear-1', 'active', null),
        ('2', 'Parked', 'US', '-08:00', 'cipher-in-clear-2', 'parked', '{"code": "access-revoked"}'),
        ('3', 'Gone', 'US', '-08:00', null, 'disconnected', null)`;
    await migrate(database.databaseUrl);
  });

  afterAll(async () => {
    await sql?.end();
    rmSync(folder, { recursive: true, force: true });
    await database?.drop();
  });

  it('forgets them, and asks for active shops to be connected again', async () => {
    const shops = await sql`
      select name, status, parked_reason, last_error, access_ended_at, shop_cipher from shops order by shop_id`;
    expect(shops).toMatchObject([
      {
        name: 'Active',
        status: 'parked',
        parked_reason: 'shop-cipher-forgotten',
        last_error: {
          code: 'shop-cipher-forgotten',
          action: expect.stringMatching(/^Connect the shop again/),
        },
      },
      { name: 'Parked', status: 'parked', last_error: { code: 'access-revoked' } },
      { name: 'Gone', status: 'disconnected', last_error: null },
    ]);
    // Their time to erasure does not run: nobody took an access back.
    expect(shops.every((shop) => shop.access_ended_at === null && shop.shop_cipher === null)).toBe(true);
  });
});
