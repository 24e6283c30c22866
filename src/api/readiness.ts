import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Sql } from '../db/pool.ts';
import { packageRoot } from '../paths.ts';
import type { ReadinessCheck } from './dependencies.ts';

const patienceMs = 3000;

/** Looks whether database, migrations and Temporal are there, each within three seconds. */
export async function checkReadiness(sql: Sql, temporal: Client): Promise<ReadinessCheck[]> {
  const database = await check('database', async () => {
    await sql`select 1`;
    return null;
  });
  const migrations = await check('migrations', () =>
    database.fault === null ? findPending(sql) : unknownYet(),
  );
  const temporalServer = await check('temporal', async () => {
    const { namespace } = temporal.options;
    const deadline = Date.now() + patienceMs;
    await temporal.connection.withDeadline(deadline, () =>
      temporal.workflowService.describeNamespace({ namespace }),
    );
    return null;
  });
  return [database, migrations, temporalServer];
}

async function check(name: string, look: () => Promise<string | null>): Promise<ReadinessCheck> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('gives no answer.'), patienceMs);
  });
  try {
    return { name, fault: await Promise.race([look(), late]) };
  } catch (error) {
    // Addresses and users stay out of an answer that needs no key.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return { name, fault: `cannot be reached${code}.` };
  } finally {
    clearTimeout(timer);
  }
}

async function findPending(sql: Sql): Promise<string | null> {
  const files = readdirSync(join(packageRoot, 'migrations')).filter((name) => name.endsWith('.sql'));
  const rows = await sql<{ name: string }[]>`select name from migrations`;
  const applied = new Set(rows.map(({ name }) => name));
  const pending = files.filter((name) => !applied.has(name));
  return pending.length === 0 ? null : `${pending.length} are not applied; run "tideline migrate".`;
}

async function unknownYet(): Promise<string> {
  return 'are unknown while the database is away.';
}
