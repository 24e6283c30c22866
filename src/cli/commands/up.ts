import { parseKeyRing } from '../../../encryption/key-ring.ts';
import { ensureFirstKey } from '../../api/keys.ts';
import type { Config } from '../../config.ts';
import { migrate } from '../../db/migrate.ts';
import { openPool } from '../../db/pool.ts';
import { TidelineError } from '../../errors.ts';
import { requireFreeAddress } from '../../servers/free-port.ts';
import { type Installation, type RunningServers, startServers } from '../../servers/index.ts';
import { apiProcess, workerProcess } from '../../servers/program-processes.ts';
import type { Supervisor } from '../../servers/supervisor.ts';
import { temporalEnvironment } from '../../servers/temporal-address.ts';
import { checkKeyRing } from '../../shops/data-keys.ts';
import { onStopSignals } from '../stop-signals.ts';

export interface UpOptions {
  /** Gets one line of plain text for each thing worth knowing. */
  report(line: string): void;
  /** What the worker and the API get beside the addresses of the servers; `process.env` by default. */
  environment?: NodeJS.ProcessEnv;
  /** Where the worker and the API write their logs: to our own output (default) or into the data directory. */
  logs?: 'output' | 'data-directory';
  /** Other scripts than the built ones; for tests. */
  scripts?: { worker?: string; api?: string };
}

export interface RunningInstallation {
  installation: Installation;
  /** The key that this start made; null when there was one. Shown to the person once and kept nowhere. */
  firstKey: string | null;
  /** Resolves when everything is stopped, by `stop` or by a signal: then with its name. */
  ended: Promise<NodeJS.Signals | null>;
  /** Stops everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the whole of Tideline: servers, migrations, worker and API, and waits until it is ready. From the call on,
 * SIGINT, SIGTERM and SIGHUP stop everything in order; a second one hurries.
 * @throws TidelineError when something is in the way; `interrupted` when a signal ended the start. Nothing runs then.
 */
export async function runUp(config: Config, options: UpOptions): Promise<RunningInstallation> {
  const environment = options.environment ?? process.env;
  const interruption = new AbortController();
  const state: { supervisor: Supervisor | null; servers: RunningServers | null } = {
    supervisor: null,
    servers: null,
  };
  let finish: (signal: NodeJS.Signals | null) => void = () => undefined;
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    finish = resolve;
  });
  let stopping: Promise<void> | null = null;
  const stop = (signal: NodeJS.Signals | null): Promise<void> => {
    stopping ??= (async () => {
      await state.servers?.stop();
      forgetSignals();
      finish(signal);
    })();
    return stopping;
  };
  const forgetSignals = onStopSignals(
    (signal) => {
      options.report('Stopping…');
      interruption.abort(interrupted(signal));
      // While it still starts, the start itself stops what it has begun.
      if (state.servers !== null) void stop(signal);
    },
    () => state.supervisor?.hurry(),
  );
  try {
    const servers = await startServers(config, options.report, {
      environment,
      signal: interruption.signal,
      onSupervisor: (supervisor) => {
        state.supervisor = supervisor;
      },
      beforeStart: () => requireFreeAddress(config.host, config.port),
    });
    try {
      const firstKey = await startPrograms(config, options, servers, environment, interruption.signal);
      interruption.signal.throwIfAborted();
      state.servers = servers;
      return { installation: servers.installation, firstKey, ended, stop: () => stop(null) };
    } catch (error) {
      await servers.stop();
      throw error;
    }
  } catch (error) {
    forgetSignals();
    throw interruption.signal.aborted ? interruption.signal.reason : error;
  }
}

async function startPrograms(
  config: Config,
  options: UpOptions,
  servers: RunningServers,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | null> {
  const { installation, supervisor, directory } = servers;
  const { applied } = await migrate(installation.databaseUrl);
  if (applied.length > 0) options.report(`Applied ${applied.length} database migrations.`);
  signal.throwIfAborted();
  const firstKey = await prepareDatabase(config, installation);
  const programs = {
    environment: {
      ...temporalEnvironment(environment, installation.temporal),
      DATABASE_URL: installation.databaseUrl,
      TIDELINE_ENCRYPTION_KEYS: installation.encryptionKeys,
      ...(config.encryptionKeys === null ? { TIDELINE_ENCRYPTION_KEYS_DIR: directory.path } : {}),
      TIDELINE_DATA_DIR: directory.path,
      TIDELINE_PUBLIC_URL: config.publicUrl,
      HOST: config.host,
      PORT: String(config.port),
    },
    logs: options.logs === 'data-directory' ? directory.logs : null,
  };
  const { host, port, publicUrl } = config;
  const worker = workerProcess({ ...programs, script: options.scripts?.worker });
  const api = apiProcess({ ...programs, script: options.scripts?.api, host, port, publicUrl });
  await Promise.all([supervisor.start(worker, signal), supervisor.start(api, signal)]);
  return firstKey;
}

/** Refuses encryption keys that do not fit the database before anything works on it; makes the first API key. */
async function prepareDatabase(config: Config, installation: Installation): Promise<string | null> {
  const sql = openPool(installation.databaseUrl, { applicationName: 'tideline up', maxConnections: 1 });
  try {
    await checkKeyRing(sql, parseKeyRing(installation.encryptionKeys));
    return config.apiKey === null ? await ensureFirstKey(sql) : null;
  } finally {
    await sql.end();
  }
}

function interrupted(signal: NodeJS.Signals): TidelineError {
  return new TidelineError({
    code: 'interrupted',
    message: `The start was interrupted (${signal}); everything is stopped.`,
    actor: 'user',
  });
}

/**
 * `tideline up`: starts everything, says where it is, and runs until it is told to end.
 * @returns the exit code
 */
export async function up(config: Config, report: (line: string) => void): Promise<number> {
  let running: RunningInstallation;
  try {
    running = await runUp(config, { report });
  } catch (error) {
    if (error instanceof TidelineError && error.code === 'interrupted') return 0;
    throw error;
  }
  const { installation, firstKey } = running;
  report(`Tideline is ready: ${installation.publicUrl}`);
  if (installation.temporal.uiUrl !== null)
    report(`Temporal's web interface: ${installation.temporal.uiUrl}`);
  if (firstKey !== null) report(`API key (shown only this once): ${firstKey}`);
  await running.ended;
  return 0;
}
