import { chmodSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TidelineError } from '../errors.ts';
import { readIfExists } from './files.ts';
import { identifyProcess, isRunning } from './process-identity.ts';
import { buildTemporal } from './temporal-build.ts';
import { downloadTemporal } from './temporal-download.ts';
import { inspectTemporal, TEMPORAL_CLI_VERSION, type TemporalBinary } from './temporal-version.ts';

export interface TemporalBinaryOptions {
  /** Shared by all data directories of the user. */
  cacheDirectory: string;
  environment: NodeJS.ProcessEnv;
  report(line: string): void;
  signal: AbortSignal;
}

/**
 * Gets a Temporal server program: `TIDELINE_TEMPORAL_BIN`, `temporal` on PATH, the cached one, the SDK's download, a
 * build from source, in this order; the last two end in the cache.
 * @throws TidelineError `no-temporal` that lists what was tried
 */
export async function acquireTemporalBinary(options: TemporalBinaryOptions): Promise<TemporalBinary> {
  const { environment, report, signal } = options;
  const tried: string[] = [];
  const given = environment.TIDELINE_TEMPORAL_BIN;
  const cached = cachedPath(options.cacheDirectory);
  const candidates: [string, string][] = [
    ...(given ? [['TIDELINE_TEMPORAL_BIN', given] as [string, string]] : []),
    ['temporal on PATH', 'temporal'],
    ['the cache', cached],
  ];
  for (const [source, path] of candidates) {
    const found = await inspectTemporal(path, signal);
    if (typeof found !== 'string') {
      report(
        `Using the Temporal server ${found.serverVersion} from ${source}${path === 'temporal' ? '' : ` (${path})`}.`,
      );
      return found;
    }
    tried.push(`${source}${path === 'temporal' ? '' : ` (${path})`}: ${found}`);
    // A program named on purpose that does not fit is worth a line even when another one is found.
    if (source === 'TIDELINE_TEMPORAL_BIN') report(`TIDELINE_TEMPORAL_BIN is not used: ${found}.`);
  }
  return fillCache(options, cached, tried);
}

function cachedPath(cacheDirectory: string): string {
  return join(
    cacheDirectory,
    `temporal-${TEMPORAL_CLI_VERSION}-${process.platform}-${process.arch}`,
    'temporal',
  );
}

async function fillCache(
  options: TemporalBinaryOptions,
  cached: string,
  tried: string[],
): Promise<TemporalBinary> {
  const { report, signal } = options;
  const folder = join(cached, '..');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (error) {
    tried.push(`the cache cannot be written (${(error as NodeJS.ErrnoException).code} ${folder})`);
    throw noTemporal(tried);
  }
  const release = await lockFolder(folder, report, signal);
  const draft = mkdtempSync(join(folder, 'draft-'));
  try {
    // Whoever had the lock before may have filled the cache.
    const meanwhile = await inspectTemporal(cached, signal);
    if (typeof meanwhile !== 'string') return meanwhile;
    report(`Fetching the Temporal server ${TEMPORAL_CLI_VERSION}…`);
    const ways: [string, () => Promise<{ path: string } | string>][] = [
      ['download', () => downloadTemporal(draft, signal)],
      ['build from source', () => buildTemporal(draft, report, signal)],
    ];
    for (const [way, get] of ways) {
      const got = await get();
      if (typeof got !== 'string') {
        chmodSync(got.path, 0o755);
        const checked = await inspectTemporal(got.path, signal);
        if (typeof checked !== 'string') {
          renameSync(got.path, cached);
          report(`Using the Temporal server ${checked.serverVersion} from ${way}, kept in ${cached}.`);
          return { ...checked, path: cached };
        }
        tried.push(`${way}: ${checked}`);
      } else {
        tried.push(`${way}: ${got}`);
      }
      report(`No Temporal server by ${tried.at(-1)}.`);
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
    release();
  }
  throw noTemporal(tried);
}

/** One filler at a time; a lock whose process died is taken over. */
async function lockFolder(
  folder: string,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<() => void> {
  const path = join(folder, 'lock');
  const own = JSON.stringify(identifyProcess(process.pid));
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, own);
  try {
    for (let waited = 0; ; waited += 1) {
      try {
        linkSync(draft, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = parseHolder(readIfExists(path));
      if (holder === null || !isRunning(holder)) rmSync(path, { force: true });
      else if (waited === 0) report('Another start is fetching the Temporal server; waiting for it…');
      await sleep(250, undefined, { signal });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function parseHolder(text: string | null): { pid: number; started: string } | null {
  const [, pid, started] = /"pid":(\d+),"started":"([^"]+)"/.exec(text ?? '') ?? [];
  return pid === undefined || started === undefined ? null : { pid: Number(pid), started };
}

function noTemporal(tried: string[]): TidelineError {
  const noGo = tried.some((line) => line.includes('"go" is not on PATH'));
  return new TidelineError({
    code: 'no-temporal',
    message: `No Temporal server could be found or made. Tried: ${tried.join('; ')}.`,
    actor: 'operator',
    action: noGo
      ? `Install Go (it then builds the server by itself) or the temporal program ${TEMPORAL_CLI_VERSION} or newer, or set TEMPORAL_ADDRESS to a server of your own.`
      : `Install the temporal program ${TEMPORAL_CLI_VERSION} or newer on PATH, or set TEMPORAL_ADDRESS to a server of your own.`,
  });
}
