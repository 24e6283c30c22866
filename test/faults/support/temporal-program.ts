import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireTemporalBinary } from '../../../src/servers/temporal-binary.ts';
import type { Trial } from './fault.ts';

/**
 * The usual Temporal server behind a shell script of ours, as a program for `TIDELINE_TEMPORAL_BIN`.
 *
 * @param script what is run where a server is to be started; `$PROGRAM` is the program itself
 */
export async function temporalProgram(
  cleanUp: Trial['cleanUp'],
  script: (folder: string) => string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tideline-temporal-'));
  cleanUp(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const { path } = await acquireTemporalBinary({
    cacheDirectory: process.env.TIDELINE_CACHE_DIR || join(homedir(), '.cache', 'tideline'),
    environment: process.env,
    report: () => undefined,
    signal: new AbortController().signal,
  });
  const program = join(folder, 'temporal');
  const lines = [
    '#!/bin/sh',
    `PROGRAM='${path}'`,
    `if [ "$1" = server ]; then`,
    script(folder),
    'fi',
    'exec "$PROGRAM" "$@"',
  ];
  writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
  return program;
}
