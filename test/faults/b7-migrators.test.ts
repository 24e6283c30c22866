import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { expect } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { fault } from './support/fault.ts';

const folder = join(packageRoot, 'migrations');

fault(
  {
    id: 'B7',
    title: 'two migrators at once, and migrators killed midway: the schema is whole, the checksums match',
    times: { quick: 4, full: 30 },
  },
  async ({ rig: start, random, times, seed }) => {
    const rig = await start({ orders: 500, seed });
    let ended = 0;
    for (let nth = 0; nth < times; nth += 1) {
      await rig.sql.unsafe('create database migrated');
      const databaseUrl = rig.databaseUrl.replace(/\/[^/]*$/, '/migrated');
      const killed = [migrator(databaseUrl), migrator(databaseUrl)];
      await sleep(300 + random.next() * 900);
      for (const { child } of killed) child.kill('SIGKILL');
      for (const { done } of killed) if ((await done) !== 0) ended += 1;
      // Two more, side by side: one works, the other waits; both end well.
      const codes = await Promise.all([migrator(databaseUrl), migrator(databaseUrl)].map(({ done }) => done));
      expect(codes).toEqual([0, 0]);
      await expectWhole(databaseUrl, rig.databaseUrl);
      await rig.sql.unsafe('drop database migrated with (force)');
    }
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    return {
      done: `${times * 4} migrators in pairs on ${times} empty databases, ${ended} of them killed midway`,
      verdict: await rig.verdict(),
    };

    function migrator(databaseUrl: string) {
      const child = spawn(process.execPath, [join(packageRoot, 'bin', 'tideline.mjs'), 'migrate'], {
        env: { ...rig.processEnvironment, DATABASE_URL: databaseUrl },
        stdio: 'ignore',
      });
      return { child, done: once(child, 'exit').then(([code]) => code as number | null) };
    }
  },
);

/** The database has the tables and columns of one that was migrated in peace, and the checksums of the files. */
async function expectWhole(databaseUrl: string, peacefulUrl: string): Promise<void> {
  const [found, peaceful] = [await look(databaseUrl), await look(peacefulUrl)];
  expect(found.columns).toEqual(peaceful.columns);
  const files = readdirSync(folder).sort();
  expect(found.checksums).toEqual(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

async function look(databaseUrl: string): Promise<{ columns: unknown[]; checksums: unknown[] }> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const columns = await sql`
      select table_name, column_name, data_type, is_nullable from information_schema.columns
      where table_schema = 'tideline' order by table_name, column_name`;
    const checksums = await sql`select name, checksum from tideline.migrations order by name`;
    return { columns: [...columns], checksums: checksums.map(({ name, checksum }) => [name, checksum]) };
  } finally {
    await sql.end();
  }
}
