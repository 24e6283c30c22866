import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { openPool } from '../../src/db/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const admin = postgres(inject('databaseUrl'), { max: 1, onnotice: () => undefined });
let folder: string;

function certificate(name: string, subject: string, more: string[]): void {
  const arguments_ = ['req', '-new', '-x509', '-nodes', '-days', '2', '-newkey', 'rsa:2048'];
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)];
  execFileSync('openssl', [...arguments_, ...files, '-subj', subject, ...more], { stdio: 'ignore' });
}

async function settings(changes: Record<string, string | null>): Promise<void> {
  for (const [name, value] of Object.entries(changes)) {
    await admin.unsafe(
      value === null ? `alter system reset ${name}` : `alter system set ${name} = '${value}'`,
    );
  }
  await admin`select pg_reload_conf()`;
}

/** Whether a connection by this URL is encrypted. */
async function isEncrypted(databaseUrl: string): Promise<boolean | undefined> {
  const sql = openPool(databaseUrl, { applicationName: 'test', maxConnections: 1 });
  try {
    const [row] = await sql<{ ssl: boolean }[]>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    return row?.ssl;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-tls-'));
  chmodSync(folder, 0o755);
});

afterAll(async () => {
  await admin.end();
  rmSync(folder, { recursive: true, force: true });
});

describe('TLS of DATABASE_URL', () => {
  const url = inject('databaseUrl');
  const with_ = (query: string): string => `${url}?${query}`;

  beforeAll(async () => {
    certificate('server', '/CN=localhost', ['-addext', 'subjectAltName=DNS:localhost']);
    certificate('foreign', '/CN=localhost', ['-addext', 'subjectAltName=DNS:localhost']);
    const [row] = await admin<{ data: string }[]>`select current_setting('data_directory') as data`;
    const { uid, gid } = statSync(row?.data ?? '');
    chmodSync(join(folder, 'server.key'), 0o600);
    if (process.getuid?.() === 0) chownSync(join(folder, 'server.key'), uid, gid);
    const files = { ssl_cert_file: join(folder, 'server.pem'), ssl_key_file: join(folder, 'server.key') };
    await settings({ ...files, ssl: 'on' });
    await vi.waitFor(async () => expect(await isEncrypted(with_('sslmode=prefer'))).toBe(true), 10_000);
  });

  afterAll(() => settings({ ssl: null, ssl_cert_file: null, ssl_key_file: null }));

  it('is off, tried or demanded as sslmode says', async () => {
    expect(await isEncrypted(url)).toBe(false);
    expect(await isEncrypted(with_('sslmode=disable'))).toBe(false);
    expect(await isEncrypted(with_('sslmode=require'))).toBe(true);
    const { applied } = await migrateNew('sslmode=require');
    expect(applied.length).toBeGreaterThan(3);
  });

  it('verifies the authority, and with verify-full the name', async () => {
    const own = `sslrootcert=${join(folder, 'server.pem')}`;
    const foreign = `sslrootcert=${join(folder, 'foreign.pem')}`;
    expect(await isEncrypted(with_(`sslmode=verify-ca&${own}`))).toBe(true);
    expect(await isEncrypted(with_(`sslmode=require&${own}`))).toBe(true);
    await expect(isEncrypted(with_(`sslmode=verify-ca&${foreign}`))).rejects.toThrow(
      /certificate|self.signed/i,
    );
    await expect(isEncrypted(with_(`sslmode=require&${foreign}`))).rejects.toThrow(
      /certificate|self.signed/i,
    );
    await expect(isEncrypted(with_('sslmode=verify-full'))).rejects.toThrow(/self.signed/i);
    // The certificate is for localhost, and the URL says 127.0.0.1.
    await expect(isEncrypted(with_(`sslmode=verify-full&${own}`))).rejects.toThrow(/altnames|IP/i);
    const named = with_(`sslmode=verify-full&${own}`).replace('@127.0.0.1:', '@localhost:');
    expect(await isEncrypted(named)).toBe(true);
  });

  it('says what is wrong with it', async () => {
    expect(() => openPool(with_('sslmode=maybe'), options)).toThrow('sslmode must be one of');
    expect(() => openPool(with_('sslrootcert=/no/such.pem'), options)).toThrow('sslrootcert cannot be read');
  });
});

const options = { applicationName: 'test', maxConnections: 1 };
const databases: TestDatabase[] = [];

afterAll(async () => {
  for (const database of databases) await database.drop();
});

async function migrateNew(query: string): Promise<{ applied: string[] }> {
  const database = await createTestDatabase({ empty: true });
  databases.push(database);
  return migrate(`${database.databaseUrl}?${query}`);
}

describe('a role with few rights', () => {
  const role = `role_${process.pid}`;

  beforeAll(() => admin.unsafe(`create role ${role} login password 'few'`));
  afterAll(async () => {
    for (const database of databases.splice(0)) await database.drop();
    await admin.unsafe(`drop role ${role}`);
  });

  async function databaseFor(): Promise<{ own: string; asAdministrator: postgres.Sql }> {
    const database = await createTestDatabase({ empty: true });
    databases.push(database);
    const url = new URL(database.databaseUrl);
    url.username = role;
    url.password = 'few';
    return { own: url.href, asAdministrator: postgres(database.databaseUrl, { max: 1 }) };
  }

  it('is told what an administrator has to run, and that is enough', async () => {
    const { own, asAdministrator } = await databaseFor();
    const refused = await migrate(own).then(
      () => null,
      (error: { code: string; message: string; action: string }) => error,
    );
    expect(refused).toMatchObject({
      code: 'database-privilege-missing',
      message: expect.stringContaining(role),
    });
    const statements = (refused?.action ?? '').split('run once: ')[1] ?? '';
    await asAdministrator.unsafe(statements);
    await asAdministrator.end();
    const { applied } = await migrate(own);
    expect(applied.length).toBeGreaterThan(3);
    expect((await migrate(own)).applied).toEqual([]);
  });

  it('is told the same where the schema belongs to somebody else', async () => {
    const { own, asAdministrator } = await databaseFor();
    await asAdministrator`create schema tideline`;
    await asAdministrator.end();
    await expect(migrate(own)).rejects.toMatchObject({ code: 'database-privilege-missing' });
  });
});
