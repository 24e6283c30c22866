import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { acquireTemporalBinary } from '../../src/servers/temporal-binary.ts';
import { fault } from './support/fault.ts';
import { payloadTexts, workflowEvents } from './support/workflow-events.ts';

/** Events after which the server suggests to go on anew; thousands by default. */
const mostEvents = 40;
const largestPayload = 64 * 1024;

fault(
  {
    id: 'C6',
    title: 'a workflow history that is full: the run goes on in a new execution, small and without an order',
  },
  async ({ rig: start, seed, cleanUp }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tideline-short-histories-'));
    cleanUp(() => rmSync(folder, { recursive: true }));
    const rig = await start({
      orders: 9_000,
      seed,
      environment: {
        TIDELINE_TEMPORAL_BIN: await temporalOfShortHistories(folder),
        TIDELINE_REQUESTS_PER_SECOND: '60',
        TIDELINE_PARALLEL_SLICES: '4',
      },
    });
    const { run_id: runId } = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(runId)) > 4_000, 'nearly half is stored');
    expect(await rig.act(runId, 'pause')).toMatchObject({ status: 'paused' });
    expect(await rig.act(runId, 'resume')).toMatchObject({ status: 'running' });
    expect(await rig.finished(runId)).toMatchObject({ run_id: runId, status: 'completed', error: null });
    let executions: string[] = [];
    // The list of executions follows a moment later.
    await rig.until(async () => {
      executions = await executionsInOrder();
      return executions.length > 1;
    }, 'the workflow has gone on anew');
    const payloads = payloadTexts(await workflowEvents(rig, 'orderSync/shop-1'));
    expect(payloads.length).toBeGreaterThan(mostEvents);
    expect(Math.max(...payloads.map((text) => text.length))).toBeLessThan(largestPayload);
    const ids = await rig.sql<{ id: string }[]>`select order_id as id from orders`;
    const orderIds = new Set(ids.map(({ id }) => id));
    expect(payloads.flatMap((text) => text.match(/\d{15,}/g) ?? []).filter((id) => orderIds.has(id))).toEqual(
      [],
    );
    await rig.record('orderSync-continued-first', 'orderSync/shop-1', executions[0]);
    await rig.record('orderSync-continued-last', 'orderSync/shop-1', executions.at(-1));
    return {
      done: `full sync with histories of ${mostEvents} events, paused and resumed`,
      verdict: await rig.verdict(),
      note: `${executions.length} executions`,
    };

    async function executionsInOrder(): Promise<string[]> {
      const found: string[] = [];
      const query = 'WorkflowId = "orderSync/shop-1"';
      for await (const { runId: execution, startTime } of rig.temporal.workflow.list({ query })) {
        found.push(`${startTime.toISOString()} ${execution}`);
      }
      return found.sort().map((text) => text.split(' ')[1] ?? '');
    }
  },
);

/** The same server, told to suggest a new execution early. */
async function temporalOfShortHistories(folder: string): Promise<string> {
  chmodSync(folder, 0o755);
  const { path } = await acquireTemporalBinary({
    cacheDirectory: process.env.TIDELINE_CACHE_DIR || join(homedir(), '.cache', 'tideline'),
    environment: process.env,
    report: () => undefined,
    signal: new AbortController().signal,
  });
  const wrapper = join(folder, 'temporal');
  const limit = `--dynamic-config-value limit.historyCount.suggestContinueAsNew=${mostEvents}`;
  writeFileSync(
    wrapper,
    `#!/bin/sh\nif [ "$1" = server ]; then exec '${path}' "$@" ${limit}; fi\nexec '${path}' "$@"\n`,
    { mode: 0o755 },
  );
  return wrapper;
}
