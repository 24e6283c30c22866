import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ServerType, serve } from '@hono/node-server';
import { loadConfig } from '../config.ts';
import { seedDestinations } from '../conversions/seed-destinations.ts';
import { openPool } from '../db/pool.ts';
import { requireSchema } from '../db/require-schema.ts';
import { destinationKind } from '../destinations/index.ts';
import { TidelineError } from '../errors.ts';
import { isMainModule } from '../is-main-module.ts';
import { createLog } from '../log.ts';
import { packageRoot } from '../paths.ts';
import { locateInstallation } from '../servers/index.ts';
import { openKeyRing } from '../servers/open-key-ring.ts';
import { checkKeyRing } from '../shops/data-keys.ts';
import { connectTemporal } from '../temporal/connection.ts';
import { readVersion } from '../version.ts';
import { createApp } from './app.ts';
import { checkReadiness } from './readiness.ts';
import { answerUnreadable } from './unreadable.ts';
import { wireControls } from './wiring.ts';

/** Whoever asked has gone by then; a statement that waits for a lock must not keep its connection for ever. */
const longestStatement = '20s';

/** Requests in flight get this long after SIGTERM. */
const drainMs = 10_000;
/** Bytes of a request's line and headers: far more than any address or cookie that is accepted. */
const largestHead = 64 * 1024;

/** Whoever sends a head or a whole request more slowly than this keeps a connection for nothing. Milliseconds. */
const slowest = { headersTimeout: 15_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000 };

/** Runs the API until it is told to stop; resolves when everything is closed. */
export async function main(environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const config = loadConfig(environment);
  const log = createLog({ level: config.logLevel, component: 'api' });
  const installation = await locateInstallation(config, environment);
  const keyRing = openKeyRing(installation.encryptionKeys, config.encryptionKeysDirectory);
  const { temporalCodec } = config;
  const temporal = await connectTemporal(installation.temporal, { keyRing, temporalCodec });
  const sql = openPool(installation.databaseUrl, {
    applicationName: 'tideline api',
    maxConnections: 10,
    settings: {
      statement_timeout: longestStatement,
      // The right plan of a list depends on what is looked for.
      plan_cache_mode: 'force_custom_plan',
      // Compiling a statement takes longer than any that a request may wait for.
      jit: 'off',
      // Sums over tens of thousands of keys are gathered in memory, where sorting them first takes three times as long.
      hash_mem_multiplier: '8',
    },
  });
  await requireSchema(sql);
  await checkKeyRing(sql, keyRing);
  const controls = wireControls({ config, installation, sql, temporal, log });
  await seedDestinations(sql, await controls.conversionKey(), destinationKind, config.conversions);
  const stopping = new AbortController();
  const stopped = untilToldToStop();
  const app = createApp({
    ...controls,
    sql,
    logger: log,
    settings: {
      host: config.host,
      port: config.port,
      publicUrl: installation.publicUrl,
      apiKey: config.apiKey,
      requestsPerSecond: config.apiRequestsPerSecond,
      temporalUiUrl: config.temporalUiUrl ?? installation.temporal.uiUrl,
      instance: environment.TIDELINE_INSTANCE || null,
      dashboardDirectory: join(packageRoot, 'dist', 'web'),
      snippetFile: join(packageRoot, 'dist', 'snippet', 'tideline.js'),
      version: readVersion(),
    },
    checkReadiness: async () =>
      stopping.signal.aborted ? [{ name: 'process', fault: 'is stopping.' }] : checkReadiness(sql, temporal),
    stopping: stopping.signal,
  });
  const server = await listen(app.fetch, config);
  log.info({ host: config.host, port: config.port, public_url: installation.publicUrl }, 'The API listens.');

  log.info({ reason: await stopped }, 'The API stops.');
  stopping.abort();
  await drain(server);
  await controls.close();
  await sql.end({ timeout: 2 });
  await temporal.connection.close();
}

/** A first sign ends the process in an orderly way; the parent's end is one. */
function untilToldToStop(): Promise<string> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve('SIGTERM'));
    process.on('SIGINT', () => resolve('SIGINT'));
    if (process.channel) process.once('disconnect', () => resolve('the parent ended'));
  });
}

function listen(
  fetch: ReturnType<typeof createApp>['fetch'],
  { host, port }: { host: string; port: number },
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const serverOptions = { maxHeaderSize: largestHead, ...slowest };
    const server = serve({ fetch, hostname: host, port, serverOptions }, () => resolve(server));
    answerUnreadable(server);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken =
        error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code})`;
      reject(
        new TidelineError({
          code: 'port-unusable',
          actor: 'operator',
          message: `Port ${port} on ${host} ${taken}.`,
          action: 'Set PORT to a free one.',
          cause: error,
        }),
      );
    });
  });
}

async function drain(server: ServerType): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  if ('closeIdleConnections' in server) server.closeIdleConnections();
  await Promise.race([closed, wait(drainMs, undefined, { ref: false })]);
  if ('closeAllConnections' in server) server.closeAllConnections();
}

if (isMainModule(import.meta.url)) {
  main().then(
    // The drain is over: whatever still holds the loop must not keep the process.
    () => process.exit(0),
    (error: unknown) => {
      const told = error instanceof TidelineError ? `${error.message} ${error.action ?? ''}`.trim() : error;
      console.error(told);
      process.exit(1);
    },
  );
}
