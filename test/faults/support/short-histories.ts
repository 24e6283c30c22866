import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireTemporalBinary } from '../../../src/servers/temporal-binary.ts';
import type { Trial } from './fault.ts';

/** Events after which the server suggests to go on anew; thousands by default. */
export const mostEvents = 40;

/** The usual Temporal server, told to suggest a new execution early, as a program for `TIDELINE_TEMPORAL_BIN`. */
export async function temporalOfShortHistories(cleanUp: Trial['cleanUp']): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tideline-short-histories-'));
  cleanUp(() => rmSync(folder, { recursive: true }));
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
