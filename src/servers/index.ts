import type { Config } from '../config.ts';
import { TidelineError } from '../errors.ts';
import { type ChildrenRecord, openChildrenRecord, stopLeftovers } from './children-record.ts';
import { type DataDirectory, findDataDirectory, openDataDirectory } from './data-directory.ts';
import { lockDataDirectory, lockHolder } from './data-directory-lock.ts';
import { embeddedDatabaseUrl, prepareEmbeddedPostgres } from './embedded-postgres.ts';
import { prepareGivenTemporal } from './given-temporal.ts';
import { Supervisor } from './supervisor.ts';
import { givenTemporalAddress, type TemporalAddress } from './temporal-address.ts';
import { acquireTemporalBinary } from './temporal-binary.ts';
import { prepareTemporalServer } from './temporal-server.ts';

export type { TemporalAddress } from './temporal-address.ts';

/** What every part of Tideline needs to reach the servers. Holds secrets: never logged as a whole. */
export interface Installation {
  databaseUrl: string;
  /** `id:base64key[,…]`, newest first. */
  encryptionKeys: string;
  temporal: TemporalAddress;
  publicUrl: string;
}

export interface RunningServers {
  installation: Installation;
  directory: DataDirectory;
  /** Further processes are started through it; they stop before the servers do. */
  supervisor: Supervisor;
  /** Stops everything in reverse order and gives the data directory free. */
  stop(): Promise<void>;
}

export interface StartOptions {
  environment?: NodeJS.ProcessEnv;
  /** Breaks the start off; what was started by then is stopped. */
  signal?: AbortSignal;
  /** Called as soon as there is something to stop or to hurry. */
  onSupervisor?(supervisor: Supervisor): void;
  /** A last check before anything is started; the directory is locked and cleaned by then. */
  beforeStart?(): Promise<void>;
}

/**
 * Locks the data directory, cleans up after a start that was killed, and starts the servers that the environment does
 * not give. Either all of them run when it resolves, or none.
 * @param report gets one line of plain text for each thing worth knowing
 * @throws TidelineError saying what is in the way
 */
export async function startServers(
  config: Config,
  report: (line: string) => void,
  options: StartOptions = {},
): Promise<RunningServers> {
  const environment = options.environment ?? process.env;
  const signal = options.signal ?? new AbortController().signal;
  const givenTemporal = givenTemporalAddress(environment);
  if (config.databaseUrl !== null && config.encryptionKeys === null) throw keysRequired();
  const directory = openDataDirectory(config.dataDirectory);
  const lock = lockDataDirectory(directory.path);
  let supervisor: Supervisor | null = null;
  const stop = async (): Promise<void> => {
    await supervisor?.stopAll();
    lock.release();
  };
  try {
    const leftovers = await stopLeftovers(directory.path);
    if (leftovers.length > 0) report(`Stopped what an earlier start left running: ${leftovers.join(', ')}.`);
    const record: ChildrenRecord = openChildrenRecord(directory.path, report);
    supervisor = new Supervisor(record, report);
    options.onSupervisor?.(supervisor);
    await options.beforeStart?.();
    const binary =
      givenTemporal === null
        ? await acquireTemporalBinary({ cacheDirectory: config.cacheDirectory, environment, report, signal })
        : null;
    if (givenTemporal !== null) await prepareGivenTemporal(givenTemporal, environment, report);
    const databaseUrl = config.databaseUrl ?? (await startPostgres(supervisor, directory, report, signal));
    const temporal =
      givenTemporal ?? (binary === null ? null : await startTemporal(supervisor, directory, binary, signal));
    if (temporal === null) throw nothingRuns(directory.path);
    const encryptionKeys = config.encryptionKeys ?? directory.ensureSecrets().encryptionKeys;
    directory.updateRuntime({ publicUrl: config.publicUrl });
    return {
      installation: { databaseUrl, encryptionKeys, temporal, publicUrl: config.publicUrl },
      directory,
      supervisor,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An installation's database and keys, for work that needs nothing else of it. */
export interface OpenedDatabase {
  databaseUrl: string;
  /** `id:base64key[,…]`, newest first. */
  encryptionKeys: string;
  /** Of the embedded database; null with one of one's own. */
  directory: DataDirectory | null;
  /** Stops what was started for it. */
  close(): Promise<void>;
}

/**
 * Opens the database that the environment names, or the embedded one: as it runs, or started for the time of the
 * work, with the data directory locked.
 * @param use `share` takes an installation that is there, running or not; `create` one that nothing runs on, made where
 *   there is none
 * @throws TidelineError `not-running` when there is none, `already-running` when it is not to be shared
 */
export async function openDatabase(
  config: Config,
  report: (line: string) => void,
  use: 'share' | 'create',
  environment: NodeJS.ProcessEnv = process.env,
): Promise<OpenedDatabase> {
  const { databaseUrl, encryptionKeys } = config;
  if (databaseUrl !== null) {
    if (encryptionKeys === null) throw keysRequired();
    return { databaseUrl, encryptionKeys, directory: null, close: async () => undefined };
  }
  const found = findDataDirectory(config.dataDirectory);
  if (use === 'share' && found !== null && lockHolder(found.path) !== null) {
    const running = await locateInstallation(config, environment);
    return { ...running, directory: found, close: async () => undefined };
  }
  if (use === 'share' && found?.readSecrets() == null) throw nothingRuns(config.dataDirectory);
  const directory = openDataDirectory(config.dataDirectory);
  const lock = lockDataDirectory(directory.path);
  let supervisor: Supervisor | null = null;
  const close = async (): Promise<void> => {
    await supervisor?.stopAll();
    lock.release();
  };
  try {
    await stopLeftovers(directory.path);
    supervisor = new Supervisor(openChildrenRecord(directory.path, report), report);
    const url = await startPostgres(supervisor, directory, report, new AbortController().signal);
    const keys = encryptionKeys ?? directory.ensureSecrets().encryptionKeys;
    return { databaseUrl: url, encryptionKeys: keys, directory, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startPostgres(
  supervisor: Supervisor,
  directory: DataDirectory,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const postgres = await prepareEmbeddedPostgres(directory, report);
  await supervisor.start(postgres.specification, signal);
  await postgres.createDatabase();
  return postgres.databaseUrl;
}

async function startTemporal(
  supervisor: Supervisor,
  directory: DataDirectory,
  binary: Awaited<ReturnType<typeof acquireTemporalBinary>>,
  signal: AbortSignal,
): Promise<TemporalAddress> {
  const server = await prepareTemporalServer(directory, binary);
  await supervisor.start(server.specification, signal);
  await server.setRetention();
  return server.temporal;
}

/**
 * Where the servers of the installation are that the environment or the data directory names; starts nothing.
 * @throws TidelineError `not-running` when they would be embedded and nothing runs on the data directory
 */
export async function locateInstallation(
  config: Config,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Installation> {
  const givenTemporal = givenTemporalAddress(environment);
  if (config.databaseUrl !== null && config.encryptionKeys === null) throw keysRequired();
  if (config.databaseUrl !== null && config.encryptionKeys !== null && givenTemporal !== null) {
    const { databaseUrl, encryptionKeys, publicUrl } = config;
    return { databaseUrl, encryptionKeys, temporal: givenTemporal, publicUrl };
  }
  const directory = findDataDirectory(config.dataDirectory);
  const secrets = directory?.readSecrets() ?? null;
  if (directory === null || secrets === null || lockHolder(directory.path) === null) {
    throw nothingRuns(config.dataDirectory);
  }
  const { postgresPort, temporalPort, temporalUiPort, publicUrl } = directory.readRuntime();
  if (config.databaseUrl === null && postgresPort === null) throw nothingRuns(config.dataDirectory);
  if (givenTemporal === null && temporalPort === null) throw nothingRuns(config.dataDirectory);
  return {
    databaseUrl: config.databaseUrl ?? embeddedDatabaseUrl(postgresPort ?? 0, secrets.postgresPassword),
    encryptionKeys: config.encryptionKeys ?? secrets.encryptionKeys,
    temporal: givenTemporal ?? {
      address: `127.0.0.1:${temporalPort}`,
      namespace: 'default',
      uiUrl: temporalUiPort === null ? null : `http://127.0.0.1:${temporalUiPort}`,
    },
    publicUrl: publicUrl ?? config.publicUrl,
  };
}

function nothingRuns(path: string): TidelineError {
  return new TidelineError({
    code: 'not-running',
    message: `No Tideline runs on the data directory ${path}.`,
    actor: 'user',
    action:
      'Start it with "npm start" or "tideline up", or set DATABASE_URL, TEMPORAL_ADDRESS and TIDELINE_ENCRYPTION_KEYS.',
  });
}

function keysRequired(): TidelineError {
  return new TidelineError({
    code: 'encryption-keys-required',
    message: 'TIDELINE_ENCRYPTION_KEYS is required with DATABASE_URL.',
    actor: 'operator',
    action: 'Set it to id:base64 of 32 random bytes, as in "k1:$(openssl rand -base64 32)".',
  });
}
