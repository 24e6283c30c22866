import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { TidelineError } from '../errors.ts';
import type { DataDirectory } from './data-directory.ts';
import { readJsonObject, replaceFile } from './files.ts';
import { keepOrFindPort } from './free-port.ts';
import { SEARCH_ATTRIBUTE_NAMES } from './given-temporal.ts';
import type { ProcessSpecification } from './supervised-process.ts';
import type { TemporalAddress } from './temporal-address.ts';
import { compareVersions, type TemporalBinary } from './temporal-version.ts';

const NAMESPACE = 'default';
const RETENTION_SECONDS = 30 * 24 * 60 * 60;

const DYNAMIC_CONFIG: Record<string, string> = {
  // One history shard polls 20 times a second by default: every step of a workflow would wait up to 50 ms.
  'history.transferProcessorMaxPollRPS': '1000',
  'history.timerProcessorMaxPollRPS': '1000',
  'system.enableActivityEagerExecution': 'true',
  // One shop's thousand waiting tasks must not keep another shop's one waiting.
  'matching.useNewMatcher': 'true',
  'matching.enableFairness': 'true',
};

export interface TemporalServer {
  specification: ProcessSpecification;
  temporal: TemporalAddress;
  /** To be called when the server is ready: keeps finished runs for 30 days. */
  setRetention(): Promise<void>;
}

/**
 * Makes the embedded Temporal server of a data directory startable: version, ports, settings.
 * @throws TidelineError when the data was written by a newer server than `binary`
 */
export async function prepareTemporalServer(
  directory: DataDirectory,
  binary: TemporalBinary,
): Promise<TemporalServer> {
  const home = join(directory.path, 'temporal');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  claimVersion(home, binary);
  const kept = directory.readRuntime();
  const port = await keepOrFindPort(kept.temporalPort);
  const uiPort = await keepOrFindPort(kept.temporalUiPort);
  directory.updateRuntime({ temporalPort: port, temporalUiPort: uiPort });
  const address = `127.0.0.1:${port}`;
  return {
    temporal: { address, namespace: NAMESPACE, uiUrl: `http://127.0.0.1:${uiPort}` },
    setRetention: () => setRetention(address),
    specification: {
      name: 'Temporal',
      command: binary.path,
      args: serverArguments(join(home, 'temporal.sqlite'), port, uiPort),
      env: serverEnvironment(directory.path),
      cwd: home,
      logFile: join(directory.logs, 'temporal.log'),
      watchParent: false,
      isReady: () => isReady(address),
      readyWithinMs: 60_000,
      stop: [{ signal: 'SIGTERM', patienceMs: 10_000 }],
      hurrySignal: 'SIGKILL',
    },
  };
}

function serverArguments(database: string, port: number, uiPort: number): string[] {
  return [
    'server',
    'start-dev',
    '--db-filename',
    database,
    '--sqlite-pragma',
    'journal_mode=wal',
    '--sqlite-pragma',
    'synchronous=1',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--ui-port',
    String(uiPort),
    '--log-level',
    'warn',
    '--log-format',
    'json',
    ...SEARCH_ATTRIBUTE_NAMES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${value}`,
    ]),
  ];
}

/** The program reads TEMPORAL_* variables and profiles as a client; none of that is meant for the server. */
function serverEnvironment(home: string): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return { HOME: home, ...(PATH === undefined ? {} : { PATH }), ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

/** Remembers the newest server that has written here: its schema may be unreadable to an older one. */
function claimVersion(home: string, binary: TemporalBinary): void {
  const file = join(home, 'server-version.json');
  const written = readJsonObject(file)?.serverVersion;
  if (typeof written === 'string') {
    const difference = compareVersions(binary.serverVersion, written);
    if (difference === 0) return;
    if (difference < 0) {
      throw new TidelineError({
        code: 'temporal-data-newer',
        message: `The Temporal data in ${home} was written by server ${written}; the one at hand (${binary.path}) is ${binary.serverVersion}.`,
        actor: 'operator',
        action: `Put a temporal program with server ${written} or newer on PATH or into TIDELINE_TEMPORAL_BIN.`,
      });
    }
  }
  replaceFile(file, `${JSON.stringify({ serverVersion: binary.serverVersion })}\n`, 0o600);
}

async function withConnection<Result>(
  address: string,
  use: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

function isReady(address: string): Promise<boolean> {
  return withConnection(address, async (connection) => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: NAMESPACE,
    });
    return SEARCH_ATTRIBUTE_NAMES.every((name) => name in customAttributes);
  });
}

function setRetention(address: string): Promise<void> {
  return withConnection(address, async (connection) => {
    const workflowService = connection.workflowService;
    const { config } = await workflowService.describeNamespace({ namespace: NAMESPACE });
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    if (seconds === RETENTION_SECONDS) return;
    await workflowService.updateNamespace({
      namespace: NAMESPACE,
      config: { workflowExecutionRetentionTtl: msToTs(RETENTION_SECONDS * 1000) },
    });
  });
}
