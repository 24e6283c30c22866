import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import * as workflows from '../../src/workflows/index.ts';
import { recordedHistories, replayRecorded } from '../support/replay.ts';
import { historiesFolder } from '../support/sync-rig.ts';

// Recorded by `TIDELINE_RECORD_HISTORIES=1 npx vitest run --project integration test/integration/order-sync`: what
// runs were on when a new version is deployed has to go on with its code. A recording is only ever replaced together
// with a reason why no running workflow can meet the change.
const files = recordedHistories();
const largestBytes = 300_000;

/** What has no place in a history: tokens, secrets, ciphers, and anything of a buyer. */
const forbidden =
  /(access|refresh)_?token"|(TTP|ROW|SIM)_[\w-]{10}|cipher|secret|recipient|phone|e-?mail|address|buyer|payment|\w@[a-z]/i;

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(historiesFolder, file), 'utf8'));
}

/** Every text of a history, payloads decoded. */
function textsOf(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return [key === 'data' ? Buffer.from(value, 'base64').toString() : value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => textsOf(part, name));
}

describe('recorded histories', () => {
  it('are there for every workflow type, and for what can happen to a sync', () => {
    for (const name of Object.keys(workflows)) {
      expect(files.filter((file) => file.split(/[-.]/)[0] === name)).not.toEqual([]);
    }
    for (const story of ['full', 'incremental', 'paused', 'cancelled', 'parked', 'window', 'continued']) {
      expect(files.filter((file) => file.startsWith(`orderSync-${story}`))).not.toEqual([]);
    }
    expect(files.filter((file) => file.startsWith('conversionDelivery-continued'))).not.toEqual([]);
  });

  it.each(files)('%s is followed by the present code', async (file) => {
    await replayRecorded(file);
  });

  it.each(files)('%s is small and says nothing about anybody', (file) => {
    expect(statSync(join(historiesFolder, file)).size).toBeLessThan(largestBytes);
    const texts = textsOf(read(file));
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter((text) => forbidden.test(text))).toEqual([]);
  });

  it.each([
    ['syncStarter.json', 'startScheduledSync', 'startOtherSync'],
    ['reconciliation-repaired.json', 'checkStoredRows', 'checkOtherRows'],
    ['conversionDelivery.json', 'deliverDue', 'deliverOther'],
    ['productSync.json', 'walkProducts', 'walkOtherProducts'],
    ['analyticsBackfill-window.json', 'readAnalyticsDay', 'readOtherDay'],
    ['tokenRefresh.json', 'refreshDueTokens', 'refreshOtherTokens'],
    ['orderSync-full.json', 'planOrderHistory', 'planOtherHistory'],
    ['orderSync-incremental.json', 'walkOrderChanges', 'walkOtherChanges'],
  ])('%s refuses code that does something else', async (file, present, other) => {
    const changed = (code: string): string => code.replaceAll(present, other);
    await expect(replayRecorded(file, changed)).rejects.toThrow(DeterminismViolationError);
  });
});
