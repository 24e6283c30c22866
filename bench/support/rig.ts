import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { parseKeyRing } from '../../encryption/key-ring.ts';
import { type RunningInstallation, runUp } from '../../src/cli/commands/up.ts';
import { type ApiClient, createApiClient } from '../../src/cli/demo/api-client.ts';
import { walkConsent } from '../../src/cli/demo/consent.ts';
import { prepareDemoDirectory } from '../../src/cli/demo/data-directory.ts';
import { type DemoSettings, demoSettings, withSimulator } from '../../src/cli/demo/settings.ts';
import { verify } from '../../src/cli/demo/simulator-control.ts';
import { type SimulatorProcess, startSimulatorProcess } from '../../src/cli/demo/simulator-process.ts';
import { loadConfig } from '../../src/config.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { keepOrFindPort } from '../../src/servers/free-port.ts';
import { temporalEnvironment } from '../../src/servers/temporal-address.ts';
import { connectTemporal } from '../../src/temporal/connection.ts';

export interface RigOptions {
  /** Options of `tideline simulate`. */
  simulator: readonly string[];
  /** Beside the present environment. */
  environment?: NodeJS.ProcessEnv;
  /** Another script than the worker's, such as one that does nothing where a test starts its own workers. */
  workerScript?: string;
  report(line: string): void;
}

/** A whole installation of its own with a simulator, real in every part, for benchmarks and crash tests. */
export interface Rig {
  api: ApiClient;
  apiUrl: string;
  /** Opens everything. */
  apiKey: string;
  sql: Sql;
  databaseUrl: string;
  temporal: Client;
  running: RunningInstallation;
  simulator: SimulatorProcess;
  dataDirectory: string;
  /** What a further worker or API process needs. */
  processEnvironment: NodeJS.ProcessEnv;
  /** Connects every shop of the simulator through the OAuth flow; no sync is started. */
  connect(): Promise<void>;
  /** Compares what is stored of every shop with what the simulator holds; the differences in words, none when equal. */
  differences(): Promise<string[]>;
  /** Process ids of the parts, as they are at the moment. */
  pidOf(part: 'worker' | 'api' | 'postgres' | 'temporal' | 'simulator'): number;
  stop(): Promise<void>;
}

const markers = {
  worker: 'worker/main.js',
  api: 'api/main.js',
  postgres: 'bin/postgres',
  temporal: 'start-dev',
  simulator: 'simulate --json',
} as const;

export async function startRig(options: RigOptions): Promise<Rig> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tideline-rig-'));
  // The user that PostgreSQL runs as when we are root has to get in.
  chmodSync(dataDirectory, 0o755);
  const signal = new AbortController().signal;
  const stops: (() => Promise<void>)[] = [
    async () => rmSync(dataDirectory, { recursive: true, force: true }),
  ];
  const stop = async (): Promise<void> => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  try {
    const environment = {
      ...process.env,
      TIDELINE_DATA_DIR: join(dataDirectory, 'data'),
      // Two rigs that start at once would both find the usual port free.
      PORT: String(await keepOrFindPort(null)),
      ...options.environment,
    };
    const basis = await demoSettings(environment);
    await prepareDemoDirectory(basis.config.dataDirectory);
    stops.push(() => prepareDemoDirectory(basis.config.dataDirectory));
    const callback = `${basis.config.publicUrl}/connect/tiktok-shop/callback`;
    const simulator = await startSimulatorProcess({
      args: ['--port', '0', '--auto-consent', 'allow', '--redirect-uri', callback, ...options.simulator],
      environment: basis.environment,
      report: options.report,
      signal,
    });
    stops.push(() => simulator.stop());
    const settings = withEnvironment(withSimulator(basis, simulator.address), options.environment);
    const running = await runUp(settings.config, {
      report: options.report,
      environment: settings.environment,
      logs: 'data-directory',
      ...(options.workerScript === undefined ? {} : { scripts: { worker: options.workerScript } }),
    });
    stops.push(() => running.stop());
    const { installation } = running;
    const sql = openPool(installation.databaseUrl, { applicationName: 'tideline rig', maxConnections: 16 });
    const temporal = await connectTemporal(installation.temporal, {
      keyRing: parseKeyRing(installation.encryptionKeys),
      temporalCodec: settings.config.temporalCodec,
    });
    stops.push(async () => {
      await temporal.connection.close();
      await sql.end({ timeout: 5 });
    });
    const key = settings.apiKey;
    const apiUrl = installation.publicUrl;
    return {
      api: createApiClient({ url: apiUrl, key, signal }),
      apiUrl,
      apiKey: key,
      sql,
      databaseUrl: installation.databaseUrl,
      temporal,
      running,
      simulator,
      dataDirectory,
      processEnvironment: {
        ...temporalEnvironment(settings.environment, installation.temporal),
        DATABASE_URL: installation.databaseUrl,
        TIDELINE_ENCRYPTION_KEYS: installation.encryptionKeys,
      },
      connect: () => walkConsent({ apiUrl, key, signal }),
      async differences() {
        const shops = await sql<{ id: string }[]>`select tiktok_shop_id as id from shops`;
        const ids = shops.map(({ id }) => id);
        return (await verify(installation.databaseUrl, simulator.address.controlUrl, ids)).differences;
      },
      pidOf: (part) => childPid(markers[part]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a test or benchmark asks for by name holds even where a demo leaves it out. */
function withEnvironment(settings: DemoSettings, given: NodeJS.ProcessEnv = {}): DemoSettings {
  const environment = { ...settings.environment, ...given };
  return { ...settings, environment, config: loadConfig(environment) };
}

/** The child of this process whose command line holds the marker. */
function childPid(marker: string): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const process_ = describe(entry);
    if (process_ !== null && process_.parent === process.pid && process_.command.includes(marker))
      return Number(entry);
  }
  throw new Error(`No child of this process runs ${marker}.`);
}

function describe(pid: string): { parent: number; command: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
  } catch (error) {
    // Processes end while the list is read.
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ESRCH'
    )
      return null;
    throw error;
  }
}

/** Resident memory of a process in MiB. */
export function residentMemory(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}
