import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { describeFailure, runCommand } from './run-command.ts';
import { TEMPORAL_CLI_VERSION } from './temporal-version.ts';

const INDEX_PATIENCE_MS = 6_000;
const SILENCE_MS = 10_000;

/**
 * Fetches the pinned program from where the Temporal SDKs fetch theirs, into an empty folder.
 * @returns the program's path, or in words why there is none
 */
export async function downloadTemporal(
  folder: string,
  signal: AbortSignal,
): Promise<{ path: string } | string> {
  const query = new URLSearchParams({
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    platform: process.platform,
    format: 'tar.gz',
    'sdk-name': 'sdk-typescript',
    'sdk-version': 'tideline',
  });
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: INDEX_PATIENCE_MS },
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  });
  const archive = join(folder, 'temporal.tar.gz');
  try {
    const index = await fetch(`https://temporal.download/cli/v${TEMPORAL_CLI_VERSION}?${query}`, {
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(INDEX_PATIENCE_MS)]),
    });
    if (!index.ok) return `temporal.download answered ${index.status}`;
    const { archiveUrl, fileToExtract } = (await index.json()) as Record<string, unknown>;
    if (typeof archiveUrl !== 'string' || !archiveUrl.startsWith('https://')) return 'no archive was named';
    if (typeof fileToExtract !== 'string' || !/^[\w.-]+$/.test(fileToExtract)) return 'no program was named';
    const response = await fetch(archiveUrl, { dispatcher, signal });
    if (!response.ok || response.body === null) return `the archive's host answered ${response.status}`;
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
    const unpacked = await runCommand('tar', ['-xzf', archive, '-C', folder, fileToExtract], {
      timeoutMs: 120_000,
      signal,
    });
    if (unpacked.exitCode !== 0) return `the archive could not be unpacked: ${describeFailure(unpacked)}`;
    return { path: join(folder, fileToExtract) };
  } catch (error) {
    signal.throwIfAborted();
    return describeNetworkError(error);
  } finally {
    await dispatcher.destroy();
  }
}

function describeNetworkError(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return 'temporal.download did not answer in time';
  return `temporal.download could not be reached (${typeof code === 'string' ? code : String(cause)})`;
}
