import { join } from 'node:path';
import { packageRoot } from '../paths.ts';
import { describeFailure, runCommand } from './run-command.ts';
import { TEMPORAL_CLI_VERSION } from './temporal-version.ts';

const LONGEST_BUILD_MS = 30 * 60_000;
const NOTE_EVERY_MS = 10_000;

/**
 * Builds the pinned program from source with the Go compiler, into an empty folder. Takes minutes.
 * @returns the program's path, or in words why there is none
 */
export async function buildTemporal(
  folder: string,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<{ path: string } | string> {
  const moduleFolder = join(packageRoot, 'tools', 'temporal');
  const go = await runCommand('go', ['version'], { cwd: moduleFolder, timeoutMs: 120_000, signal });
  if (go.error?.code === 'ENOENT') return 'the Go compiler "go" is not on PATH';
  if (go.exitCode !== 0) return `the Go compiler does not run: ${describeFailure(go)}`;
  const path = join(folder, 'temporal');
  report(`Building the Temporal server ${TEMPORAL_CLI_VERSION} from source: once, two to five minutes…`);
  const startedAt = Date.now();
  const notes = setInterval(() => {
    report(`Building the Temporal server… ${Math.round((Date.now() - startedAt) / 1000)} s`);
  }, NOTE_EVERY_MS);
  try {
    const result = await runCommand(
      'go',
      [
        'build',
        '-trimpath',
        '-ldflags',
        `-s -w -X github.com/temporalio/cli/temporalcli.Version=${TEMPORAL_CLI_VERSION}`,
        '-o',
        path,
        'github.com/temporalio/cli/cmd/temporal',
      ],
      {
        cwd: moduleFolder,
        // A pure Go build needs no C compiler; the SQLite driver in it is pure Go too.
        env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
        timeoutMs: LONGEST_BUILD_MS,
        signal,
      },
    );
    return result.exitCode === 0 ? { path } : `go build failed: ${describeFailure(result)}`;
  } finally {
    clearInterval(notes);
  }
}
