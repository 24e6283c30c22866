import type { Client } from '@temporalio/client';
import { type Config, loadConfig } from '../config.ts';
import { openPool, type Sql } from '../db/pool.ts';
import { requireSchema } from '../db/require-schema.ts';
import { type Installation, locateInstallation } from '../servers/index.ts';
import { openKeyRing } from '../servers/open-key-ring.ts';
import type { CommandContext } from './context.ts';

export interface OpenInstallation {
  config: Config;
  installation: Installation;
  sql: Sql;
}

/**
 * Runs `work` on the database of the installation that the environment or the data directory names.
 *
 * @throws TidelineError when none runs, its database cannot be reached, or has not been migrated
 */
export async function withInstallation<Result>(
  context: CommandContext,
  work: (open: OpenInstallation) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig(context.environment);
  const installation = await locateInstallation(config, context.environment);
  const sql = openPool(installation.databaseUrl, { applicationName: 'tideline command', maxConnections: 2 });
  try {
    await requireSchema(sql);
    return await work({ config, installation, sql });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Connects to the installation's Temporal for the time of `work`. */
export async function withTemporal<Result>(
  context: CommandContext,
  installation: Installation,
  work: (temporal: Client) => Promise<Result>,
): Promise<Result> {
  // Loaded here: the SDK takes a while, and most commands do without.
  const { connectTemporal } = await import('../temporal/connection.ts');
  const { givenTemporalAddress } = await import('../servers/temporal-address.ts');
  // A server of one's own may ask for TLS or a key, which the standard variables hold.
  const isGiven = givenTemporalAddress(context.environment) !== null;
  const config = loadConfig(context.environment);
  const temporal = await connectTemporal(isGiven ? undefined : installation.temporal, {
    keyRing: openKeyRing(installation.encryptionKeys, config.encryptionKeysDirectory),
    temporalCodec: config.temporalCodec,
  });
  try {
    return await work(temporal);
  } finally {
    await temporal.connection.close();
  }
}
