import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openPool, type Sql } from '../../db/pool.ts';
import { TidelineError } from '../../errors.ts';
import { packageRoot } from '../../paths.ts';
import { type Installation, locateInstallation } from '../../servers/index.ts';
import { findPostgresBinaries } from '../../servers/postgres-binaries.ts';
import { inspectTemporal, TEMPORAL_CLI_VERSION } from '../../servers/temporal-version.ts';
import { type Check, fail, messageOf, ok, type Subject, warn } from './check.ts';

/** The running installation; null when none runs, which is no fault. */
export async function findInstallation({ config, environment }: Subject): Promise<Installation | null> {
  try {
    return await locateInstallation(config, environment);
  } catch (error) {
    if (error instanceof TidelineError && error.code === 'not-running') return null;
    throw error;
  }
}

const OLDEST_POSTGRES = 15;

/** PostgreSQL, its migrations, and whether the key ring opens what is stored. */
export async function checkDatabase(subject: Subject, installation: Installation | null): Promise<Check[]> {
  const databaseUrl = subject.config.databaseUrl ?? installation?.databaseUrl ?? null;
  if (databaseUrl === null) {
    const { major } = findPostgresBinaries();
    return [ok('PostgreSQL', `embedded ${major}, not running; "tideline up" starts it`)];
  }
  const sql = openPool(databaseUrl, { applicationName: 'tideline doctor', maxConnections: 1 });
  try {
    const [row] = await sql<{ version: string; number: number }[]>`
      select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as number`;
    if (row === undefined || row.number < OLDEST_POSTGRES) {
      return [
        fail(
          'PostgreSQL',
          `version ${row?.version} is too old`,
          `Use PostgreSQL ${OLDEST_POSTGRES} or newer.`,
        ),
      ];
    }
    const which = subject.config.databaseUrl === null ? 'embedded' : 'DATABASE_URL';
    return [ok('PostgreSQL', `${row.version} (${which})`), ...(await checkSchema(sql, installation))];
  } catch (error) {
    if (error instanceof TidelineError)
      return [fail('PostgreSQL', error.message, error.action ?? 'See the message.')];
    return [
      fail(
        'PostgreSQL',
        messageOf(error),
        'Check that it runs, and the host, user and password of DATABASE_URL.',
      ),
    ];
  } finally {
    await sql.end({ timeout: 3 });
  }
}

async function checkSchema(sql: Sql, installation: Installation | null): Promise<Check[]> {
  const files = readdirSync(join(packageRoot, 'migrations')).filter((name) => name.endsWith('.sql'));
  const [table] = await sql<
    { exists: boolean }[]
  >`select to_regclass('tideline.migrations') is not null as exists`;
  if (table?.exists !== true)
    return [
      warn('Migrations', 'the database is empty', 'Run "tideline migrate", or start with "tideline up".'),
    ];
  const applied = new Set(
    (await sql<{ name: string }[]>`select name from tideline.migrations`).map(({ name }) => name),
  );
  const unknown = [...applied].filter((name) => !files.includes(name));
  if (unknown.length > 0) {
    return [
      fail(
        'Migrations',
        `the database is newer than this program (${unknown.join(', ')})`,
        'Start the newer Tideline.',
      ),
    ];
  }
  const pending = files.filter((name) => !applied.has(name));
  if (pending.length > 0) {
    return [
      warn(
        'Migrations',
        `${pending.length} are not applied yet`,
        'Run "tideline migrate", or start with "tideline up".',
      ),
    ];
  }
  return [ok('Migrations', `all ${files.length} applied`), ...(await checkKeys(sql, installation))];
}

async function checkKeys(sql: Sql, installation: Installation | null): Promise<Check[]> {
  if (installation === null) return [];
  const { checkKeyRing } = await import('../../shops/data-keys.ts');
  const { parseKeyRing, parseMasterKeys } = await import('../../../encryption/key-ring.ts');
  const { readKeyUse } = await import('../../shops/rotate-keys.ts');
  await checkKeyRing(sql, parseKeyRing(installation.encryptionKeys));
  const use = await readKeyUse(sql);
  const [newest, ...older] = parseMasterKeys(installation.encryptionKeys).map(({ id }) => id);
  const used = older.filter((id) => use.has(id));
  if (used.length > 0) {
    const detail = `${used.join(', ')} still protects something beside the newest, ${newest}`;
    return [warn('Encryption keys', detail, 'Run "tideline keys rotate-encryption".')];
  }
  const unused = older.length === 0 ? '' : `; ${older.join(', ')} protects nothing and can be removed`;
  return [ok('Encryption keys', `they open what is stored, all of it under ${newest}${unused}`)];
}

export async function checkTemporal(subject: Subject, installation: Installation | null): Promise<Check> {
  const { givenTemporalAddress } = await import('../../servers/temporal-address.ts');
  const given = givenTemporalAddress(subject.environment);
  const address = given ?? installation?.temporal ?? null;
  if (address === null) return checkTemporalProgram(subject);
  const { connectTemporal } = await import('../../temporal/connection.ts');
  try {
    const temporal = await connectTemporal(given === null ? address : undefined);
    try {
      const info = await temporal.workflowService.getSystemInfo({});
      await temporal.workflowService.describeNamespace({ namespace: address.namespace });
      return ok('Temporal', `${info.serverVersion} at ${address.address}, namespace ${address.namespace}`);
    } finally {
      await temporal.connection.close();
    }
  } catch (error) {
    const action = 'Check that it runs and what TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say.';
    return fail('Temporal', `${address.address}: ${messageOf(error)}`, action);
  }
}

async function checkTemporalProgram({ config, environment }: Subject): Promise<Check> {
  const cached = join(
    config.cacheDirectory,
    `temporal-${TEMPORAL_CLI_VERSION}-${process.platform}-${process.arch}`,
    'temporal',
  );
  const named = environment.TIDELINE_TEMPORAL_BIN;
  for (const path of [...(named ? [named] : []), 'temporal', cached]) {
    const found = await inspectTemporal(path, AbortSignal.timeout(10_000));
    if (typeof found !== 'string') {
      const source = path === 'temporal' ? 'temporal on PATH' : path;
      return ok(
        'Temporal',
        `server ${found.serverVersion} (${source}), not running; "tideline up" starts it`,
      );
    }
    if (path === named)
      return fail('Temporal', `TIDELINE_TEMPORAL_BIN: ${found}`, 'Point it at a newer program, or unset it.');
  }
  return warn(
    'Temporal',
    'no program yet',
    'The first start downloads it, or builds it with Go, which takes some minutes.',
  );
}
