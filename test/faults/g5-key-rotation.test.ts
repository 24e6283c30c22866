import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { packageRoot } from '../../src/paths.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

const run = promisify(execFile);
const orders = 3_000;

fault(
  {
    id: 'G5',
    title: 'the encryption key is rotated during a full sync: no work fails; a wrong key is refused at start',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders, shops: 2, seed, simulator: ['--sellers', '2'] });
    expect(await keyIds(rig)).toEqual(['k1']);
    await rig.settings({ latency: 200 });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(runId)) > 0, 'pages are read');

    const rotation = await command(rig, ['keys', 'rotate-encryption', '--json']);
    expect(rotation).toMatchObject({ status: 'rotated', newest: 'k2', unused: ['k1'] });
    expect(await keyIds(rig)).toEqual(['k2']);
    // A consent makes new data keys, in a process that was started with the old ring.
    await rig.connectSeller(1);
    expect(await keyIds(rig)).toEqual(['k2']);
    expect(await command(rig, ['keys', 'rotate-encryption', '--remove-unused', '--json'])).toMatchObject({
      unused: ['k1'],
    });
    // What the supervisor starts anew still has the first ring in its environment.
    await rig.kill('worker');
    await rig.kill('api');
    await rig.settings({ latency: 0 });
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });
    const second = await rig.start('shop-2', 'full');
    expect(await rig.finished(second.run_id)).toMatchObject({ status: 'completed' });
    const [stored] = await rig.sql<{ id: string }[]>`
      select order_id as id from order_personal where shop_id = 'shop-1' limit 1`;
    expect(await rig.api.get(`/api/v1/shops/shop-1/orders/${stored?.id}`)).toMatchObject({
      personal: { buyer_email: expect.stringContaining('@') },
    });

    const wrong = randomBytes(32).toString('base64');
    for (const [ring, message] of [
      [`k2:${wrong}`, 'The encryption key "k2" is not the one that protects this database'],
      [`k3:${wrong}`, 'The encryption key "k2" is not among the configured keys'],
    ]) {
      for (const program of ['worker', 'api']) {
        const refused = await started(rig, program, ring ?? '');
        expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(message ?? '') });
        expect(refused.stderr).not.toContain(wrong);
      }
    }
    return { done: `key rotated during a full sync of ${orders} orders`, verdict: await rig.verdict() };
  },
);

async function keyIds(rig: FaultRig): Promise<string[]> {
  const rows = await rig.sql<{ id: string }[]>`select distinct key_ring_id as id from data_keys`;
  return rows.map(({ id }) => id);
}

/** What a command prints as JSON. */
async function command(rig: FaultRig, argv: string[]): Promise<unknown> {
  const printed = { stdout: [] as string[], stderr: [] as string[] };
  const code = await main(argv, {
    environment: { ...process.env, TIDELINE_DATA_DIR: join(rig.dataDirectory, 'data') },
    stdout: { write: (text) => printed.stdout.push(text) },
    stderr: { write: (text) => printed.stderr.push(text) },
  });
  expect({ code, stderr: printed.stderr.join('') }).toMatchObject({ code: 0 });
  return JSON.parse(printed.stdout.join(''));
}

/** How a program ends that is started with these keys. */
async function started(
  rig: FaultRig,
  program: string,
  encryptionKeys: string,
): Promise<{ code: unknown; stderr: string }> {
  const script = join(packageRoot, 'dist', 'src', program, 'main.js');
  const env = { ...rig.processEnvironment, TIDELINE_ENCRYPTION_KEYS: encryptionKeys, PORT: '1' };
  try {
    await run(process.execPath, [script], { env, timeout: 30_000 });
    return { code: 0, stderr: '' };
  } catch (error) {
    const { code, stderr } = error as { code: unknown; stderr: string };
    return { code, stderr };
  }
}
