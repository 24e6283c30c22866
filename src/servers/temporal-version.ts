import { runCommand } from './run-command.ts';

/** The pinned Temporal: the command-line program and the server inside it. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
export const TEMPORAL_SERVER_VERSION = '1.29.1';

/** A `temporal` program that was found to run. */
export interface TemporalBinary {
  path: string;
  /** Of the server inside, `major.minor.patch`. */
  serverVersion: string;
}

/** Negative when `left` is older than `right`; both `major.minor.patch`. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number));
  for (let index = 0; index < 3; index += 1) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The server's version in what `temporal --version` prints, or null. */
export function parseServerVersion(output: string): string | null {
  return /\(Server (\d+\.\d+\.\d+)/.exec(output)?.[1] ?? null;
}

/**
 * Asks a program for its version by running it. The server's version counts: a program built from source does not
 * know its own.
 * @returns the binary, or in words why it cannot be used
 */
export async function inspectTemporal(path: string, signal: AbortSignal): Promise<TemporalBinary | string> {
  const result = await runCommand(path, ['--version'], { timeoutMs: 15_000, signal });
  if (result.error !== null)
    return result.error.code === 'ENOENT' ? 'not found' : `not executable (${result.error.code})`;
  const serverVersion = parseServerVersion(result.stdout);
  if (result.exitCode !== 0 || serverVersion === null) return 'it does not answer --version as temporal does';
  if (compareVersions(serverVersion, TEMPORAL_SERVER_VERSION) < 0) {
    return `its server ${serverVersion} is older than ${TEMPORAL_SERVER_VERSION}`;
  }
  return { path, serverVersion };
}
