import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireTemporalBinary } from '../../src/servers/temporal-binary.ts';
import { type SyncRig, startSyncRig } from '../support/sync-rig.ts';

/** Events after which the server suggests to go on anew; thousands by default. */
const mostEvents = 40;

let folder: string;
let rig: SyncRig;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-short-histories-'));
  chmodSync(folder, 0o755);
  const { path } = await acquireTemporalBinary({
    cacheDirectory: process.env.TIDELINE_CACHE_DIR || join(homedir(), '.cache', 'tideline'),
    environment: process.env,
    report: () => undefined,
    signal: new AbortController().signal,
  });
  // The same server, told to suggest it early.
  const wrapper = join(folder, 'temporal');
  const limit = `--dynamic-config-value limit.historyCount.suggestContinueAsNew=${mostEvents}`;
  writeFileSync(
    wrapper,
    `#!/bin/sh\nif [ "$1" = server ]; then exec '${path}' "$@" ${limit}; fi\nexec '${path}' "$@"\n`,
    { mode: 0o755 },
  );
  rig = await startSyncRig(['--orders-count', '9000', '--seed', '5', '--page-tokens', 'shifting'], {
    TIDELINE_TEMPORAL_BIN: wrapper,
    TIDELINE_REQUESTS_PER_SECOND: '60',
    TIDELINE_PARALLEL_SLICES: '4',
  });
  await rig.connectSeller(0);
});

afterAll(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});

async function executions(): Promise<string[]> {
  const ids: string[] = [];
  const query = 'WorkflowId = "orderSync/shop-1"';
  for await (const { runId, startTime } of rig.temporal.workflow.list({ query })) {
    ids.push(`${startTime.toISOString()} ${runId}`);
  }
  return ids.sort().map((text) => text.split(' ')[1] ?? '');
}

describe('a sync whose workflow history is full', () => {
  it('goes on in a new execution under the same run id, and hears a pause across them', async () => {
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(runId)) > 4_000, 'nearly half is stored');
    expect(await rig.act(runId, 'pause')).toMatchObject({ status: 'paused' });
    expect(await rig.act(runId, 'resume')).toMatchObject({ status: 'running' });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    await rig.expectEverything('shop-1');
    let ids: string[] = [];
    // The list of executions follows a moment later.
    await rig.until(async () => {
      ids = await executions();
      return ids.length > 1;
    }, 'the workflow has gone on anew');
    await rig.record('orderSync-continued-first', 'orderSync/shop-1', ids[0]);
    await rig.record('orderSync-continued-last', 'orderSync/shop-1', ids.at(-1));
  });
});
