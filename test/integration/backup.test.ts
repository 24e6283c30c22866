import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseKeyRing } from '../../encryption/key-ring.ts';
import { readBackup, readBackupHeader } from '../../src/backup/read-backup.ts';
import { type RestoreOptions, restoreBackup } from '../../src/backup/restore-backup.ts';
import { openSealedKeys, sealKeys } from '../../src/backup/sealed-keys.ts';
import { writeBackup } from '../../src/backup/write-backup.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { packageRoot } from '../../src/paths.ts';
import { checkKeyRing } from '../../src/shops/data-keys.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { connect, grantOf, shopOf, testKeyRing } from '../support/grants.ts';
import { makeOrders, storeOrders } from '../support/orders.ts';

/** Bytes and text that COPY has to escape, and that nothing may change. */
const awkward = ['tab\there', 'line\nfeed', 'back\\slash \\N \\.', 'Zoë 🛍', '', '"quoted", comma', '\\.\n'];

let folder: string;
let source: TestDatabase;
let sql: Sql;
let path: string;
const opened: TestDatabase[] = [];

/** A hash of every row of every table, and where the sequences stand. */
async function contentsOf(of: Sql): Promise<Record<string, string>> {
  const tables = await of<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'tideline'::regnamespace and relkind = 'r' and relname <> 'migrations' order by 1`;
  const contents: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await of<{ sum: string }[]>`
      select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as sum
      from tideline.${of(name)} t`;
    contents[name] = row?.sum ?? '';
  }
  const sequences = await of<{ name: string; last: string }[]>`
    select sequencename as name, last_value::text as last from pg_sequences
    where schemaname = 'tideline' order by 1`;
  for (const { name, last } of sequences) contents[`sequence ${name}`] = last;
  return contents;
}

async function inDatabase<Result>(
  database: TestDatabase,
  use: (of: Sql) => Promise<Result>,
): Promise<Result> {
  const of = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 1 });
  try {
    return await use(of);
  } finally {
    await of.end();
  }
}

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ empty: true });
  opened.push(database);
  return database;
}

function restoreInto(database: TestDatabase, more: Partial<RestoreOptions> = {}) {
  const { databaseUrl } = database;
  return restoreBackup({ databaseUrl, path, keyRing: testKeyRing, replace: false, ...more });
}

async function hasSchema(database: TestDatabase): Promise<boolean> {
  return inDatabase(database, async (of) => {
    const [row] = await of<{ has: boolean }[]>`
      select exists (select 1 from pg_namespace where nspname = 'tideline') as has`;
    return row?.has ?? false;
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-backup-'));
  source = await createTestDatabase();
  sql = openPool(source.databaseUrl, { applicationName: 'test', maxConnections: 4 });
  await connect(sql, grantOf('seller-1'), [shopOf('7001'), shopOf('7002')]);
  await storeOrders(sql, 'shop-1', makeOrders({ count: 600, seed: 3, currency: 'USD' }));
  for (const [index, text] of awkward.entries()) {
    await sql`
      insert into raw_pages (shop_id, stream, run_id, slice_id, walk, page_number, observed_at, response_sha256,
        record_ids, body)
      values ('shop-1', 'orders', ${text}, ${index}, 1, 1, now(), ${randomBytes(32)}, ${[text, `${text}"`]},
        ${randomBytes(index === 0 ? 3_000_000 : 500)})`;
  }
  path = join(folder, 'whole.backup');
  await writeBackup({ databaseUrl: source.databaseUrl, path, tidelineVersion: '0.1.0', keys: null });
});

afterEach(async () => {
  for (const database of opened.splice(0)) await database.drop();
});

afterAll(async () => {
  await sql.end();
  await source.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a backup', () => {
  it('brings back every row, byte and sequence, and the keys open it', async () => {
    const target = await emptyDatabase();
    const restored = await restoreInto(target);
    expect(restored.rows).toBeGreaterThan(2_000);
    expect(restored.applied).toEqual([]);
    await inDatabase(target, async (of) => {
      expect(await contentsOf(of)).toEqual(await contentsOf(sql));
      await checkKeyRing(of, testKeyRing);
      const [shop] = await of<{ shop_id: string }[]>`
        insert into shops (tiktok_shop_id, name, region, time_zone) values ('7003', 'New', 'US', '-08:00')
        returning shop_id`;
      expect(shop?.shop_id).toBe('shop-3');
    });
    expect((await migrate(target.databaseUrl)).applied).toEqual([]);
  });

  it('is a private file that tells what it is, and holds no token', async () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const header = await readBackupHeader(path);
    expect(header).toMatchObject({ format: 'tideline-backup', version: 1, keys: null });
    const bytes = readFileSync(path);
    const body = gunzipSync(bytes.subarray(bytes.indexOf(10) + 1)).toString('latin1');
    expect(body).toContain('7001');
    expect(body).not.toContain('ROW_access-seller-1');
    expect(readdirSync(folder)).toEqual(['whole.backup']);
  });

  it('is of one moment, whatever is written meanwhile', async () => {
    const busy = join(folder, 'busy.backup');
    let written = 0;
    const { tables } = await writeBackup({
      databaseUrl: source.databaseUrl,
      path: busy,
      tidelineVersion: '0.1.0',
      keys: null,
      onProgress: ({ table }) => {
        if (written > 0 || table === 'shops') return;
        written += 1;
        void sql`update shops set name = 'Changed meanwhile' where shop_id = 'shop-2'`.execute();
      },
    });
    expect(written).toBe(1);
    const target = await emptyDatabase();
    await restoreInto(target, { path: busy });
    const before = await inDatabase(target, (of) => of`select name from shops where shop_id = 'shop-2'`);
    expect(before[0]?.name).toBe('Shop 7002');
    expect(tables.find(({ table }) => table === 'orders')?.rows).toBe(600);
    await sql`update shops set name = 'Shop 7002' where shop_id = 'shop-2'`;
    rmSync(busy);
  });

  it('of an older Tideline is brought up to this one', async () => {
    const migrations = join(folder, 'migrations');
    cpSync(join(packageRoot, 'migrations'), migrations, { recursive: true });
    const last = readdirSync(migrations).sort().at(-1) ?? '';
    rmSync(join(migrations, last));
    const from = await emptyDatabase();
    await migrate(from.databaseUrl, migrations);
    await inDatabase(
      from,
      (of) => of`insert into api_keys (api_key_id, name, key_hash, scopes)
      values ('key_1', 'kept', '\\x01', '{read}')`,
    );
    const older = join(folder, 'older.backup');
    await writeBackup({ databaseUrl: from.databaseUrl, path: older, tidelineVersion: '0.0.9', keys: null });
    const target = await emptyDatabase();
    const restored = await restoreInto(target, { path: older });
    expect(restored.applied).toEqual([last]);
    expect((await migrate(target.databaseUrl)).applied).toEqual([]);
    expect(await inDatabase(target, (of) => of`select name from api_keys`)).toEqual([{ name: 'kept' }]);
    rmSync(older);
    rmSync(migrations, { recursive: true });
  });

  it('does not overwrite a file, and leaves none behind when it is broken off', async () => {
    const options = { databaseUrl: source.databaseUrl, tidelineVersion: '0.1.0', keys: null };
    await expect(writeBackup({ ...options, path })).rejects.toMatchObject({ code: 'backup-exists' });
    const stop = new AbortController();
    const broken = join(folder, 'broken.backup');
    const stopped = writeBackup({
      ...options,
      path: broken,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    const nowhere = writeBackup({ ...options, path: join(folder, 'no', 'such.backup') });
    await expect(nowhere).rejects.toMatchObject({ code: 'backup-not-written' });
    expect(readdirSync(folder)).toEqual(['whole.backup']);
  });
});

describe('a restore', () => {
  it('refuses a database with data, unless told to replace it', async () => {
    const target = await createTestDatabase();
    opened.push(target);
    await inDatabase(target, (of) =>
      storeOrders(of, 'shop-9', makeOrders({ count: 5, seed: 1, currency: 'USD' })),
    );
    const before = await inDatabase(target, contentsOf);
    await expect(restoreInto(target)).rejects.toMatchObject({ code: 'database-not-empty' });
    expect(await inDatabase(target, contentsOf)).toEqual(before);
    await restoreInto(target, { replace: true });
    expect(await inDatabase(target, contentsOf)).toEqual(await contentsOf(sql));
  });

  it('refuses a database that others work on', async () => {
    const target = await emptyDatabase();
    const worker = openPool(target.databaseUrl, { applicationName: 'tideline worker', maxConnections: 1 });
    await worker`select 1`;
    await expect(restoreInto(target)).rejects.toMatchObject({
      code: 'database-in-use',
      message: expect.stringContaining('tideline worker'),
    });
    await worker.end();
  });

  it('refuses keys that do not open it, and changes nothing', async () => {
    const target = await emptyDatabase();
    const foreign = parseKeyRing(`other:${randomBytes(32).toString('base64')}`);
    await expect(restoreInto(target, { keyRing: foreign })).rejects.toMatchObject({
      code: 'encryption-key-unknown',
    });
    expect(await hasSchema(target)).toBe(false);
  });

  it('refuses what a newer Tideline made', async () => {
    const target = await emptyDatabase();
    const changed = (text: string, into: string): string => {
      const bytes = readFileSync(path);
      const end = bytes.indexOf(10);
      const other = join(folder, `newer-${into.length}.backup`);
      const header = bytes.subarray(0, end).toString().replace(text, into);
      writeFileSync(other, Buffer.concat([Buffer.from(header), bytes.subarray(end)]));
      return other;
    };
    const format = changed('"version":1', '"version":2');
    await expect(restoreInto(target, { path: format })).rejects.toMatchObject({ code: 'backup-newer' });
    rmSync(format);
    const renamed = changed('"0001_shops.sql"', '"9999_future.sql"');
    await expect(restoreInto(target, { path: renamed })).rejects.toMatchObject({
      code: expect.stringMatching(/^backup-(newer|damaged)$/),
    });
    rmSync(renamed);
    expect(await hasSchema(target)).toBe(false);
  });
});

describe('a damaged file', () => {
  let bytes: Buffer;
  let damaged: string;
  beforeEach(() => {
    bytes = readFileSync(path);
    damaged = join(folder, 'damaged.backup');
  });
  afterEach(() => rmSync(damaged, { force: true }));

  it('is told at every cut', async () => {
    const bodyStart = bytes.indexOf(10) + 1;
    const cuts = [
      0,
      1,
      bodyStart - 1,
      bodyStart,
      bodyStart + 5,
      bodyStart + 4_000,
      bytes.length >> 1,
      bytes.length - 1,
    ];
    for (const cut of cuts) {
      writeFileSync(damaged, bytes.subarray(0, cut));
      await expect(readBackup(damaged), `cut at ${cut}`).rejects.toMatchObject({ code: 'backup-damaged' });
    }
  });

  it('is told for any byte that was changed', async () => {
    for (let nth = 1; nth <= 12; nth += 1) {
      const changed = Buffer.from(bytes);
      const at = Math.floor((bytes.length * nth) / 13);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      writeFileSync(damaged, changed);
      await expect(readBackup(damaged), `byte ${at}`).rejects.toMatchObject({ code: 'backup-damaged' });
    }
  });

  it('is told when parts are missing, doubled, changed or follow the end, though the compression is whole', async () => {
    const spoilt: Record<string, (frames: Frame[]) => Frame[]> = {
      'a table is missing': (frames) => frames.filter(({ table }) => table !== 'orders'),
      'rows are missing': (frames) => frames.filter(({ table, kind }) => table !== 'orders' || kind !== 'D'),
      'rows are doubled': (frames) =>
        frames.flatMap((frame) =>
          frame.table === 'orders' && frame.kind === 'D' ? [frame, frame] : [frame],
        ),
      'the manifest is missing': (frames) => frames.slice(0, -1),
      'something follows': (frames) => [...frames, ...frames.slice(0, 1)],
      'the first line is of another': (frames) => frames,
    };
    for (const [name, spoil] of Object.entries(spoilt)) {
      rewrite(path, damaged, spoil, name.startsWith('the first') ? ' ' : '');
      await expect(readBackup(damaged), name).rejects.toMatchObject({ code: 'backup-damaged' });
    }
    rewrite(path, damaged, (frames) => frames);
    await expect(readBackup(damaged)).resolves.toBeDefined();
  });

  it.each(['', 'hello\n', '{}\n', '{"format":"tideline-backup"}\n', '\n\n', '[1]\n'])(
    'is told for %j',
    async (text) => {
      writeFileSync(damaged, text);
      await expect(readBackup(damaged)).rejects.toMatchObject({ code: 'backup-damaged' });
      await expect(readBackup(folder)).rejects.toMatchObject({ code: 'backup-damaged' });
      await expect(readBackup(`${damaged}.none`)).rejects.toMatchObject({ code: 'backup-not-readable' });
    },
  );
});

describe('keys in a backup', () => {
  const keys = `k1:${randomBytes(32).toString('base64')}`;

  it('open with their passphrase only', async () => {
    const sealed = sealKeys(keys, 'correct horse battery');
    expect(JSON.stringify(sealed)).not.toContain(keys.slice(3, 20));
    expect(openSealedKeys(sealed, 'correct horse battery')).toBe(keys);
    expect(() => openSealedKeys(sealed, 'correct horse batterz')).toThrow('does not open the keys');
    expect(() => openSealedKeys({ ...sealed, cost: 2 ** 30 }, 'correct horse battery')).toThrow();
    expect(() => sealKeys(keys, 'short')).toThrow('fewer than 12 characters');
  });

  it('are in the header where they were asked for', async () => {
    const withKeys = join(folder, 'keys.backup');
    const options = { databaseUrl: source.databaseUrl, path: withKeys, tidelineVersion: '0.1.0' };
    await writeBackup({ ...options, keys: sealKeys(keys, 'correct horse battery') });
    const { header } = await readBackup(withKeys);
    expect(header.keys === null ? null : openSealedKeys(header.keys, 'correct horse battery')).toBe(keys);
    rmSync(withKeys);
  });
});

interface Frame {
  kind: string;
  table: string;
  content: Buffer;
}

/** Writes a backup whose frames were changed, whole in every other respect: its manifest and compression included. */
function rewrite(from: string, to: string, change: (frames: Frame[]) => Frame[], headerTail = ''): void {
  const bytes = readFileSync(from);
  const end = bytes.indexOf(10);
  const body = gunzipSync(bytes.subarray(end + 1));
  const frames: Frame[] = [];
  let table = '';
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at + 1);
    const kind = String.fromCharCode(body[at] ?? 0);
    const content = body.subarray(at + 5, at + 5 + length);
    if (kind === 'T') table = (JSON.parse(content.toString()) as { table: string }).table;
    if (kind === 'M') table = '';
    frames.push({ kind, table, content });
    at += 5 + length;
  }
  const parts = change(frames).flatMap(({ kind, content }) => {
    const head = Buffer.alloc(5);
    head.write(kind, 'latin1');
    head.writeUInt32BE(content.length, 1);
    return [head, content];
  });
  const header = Buffer.concat([bytes.subarray(0, end), Buffer.from(`${headerTail}\n`)]);
  writeFileSync(to, Buffer.concat([header, gzipSync(Buffer.concat(parts))]));
}
