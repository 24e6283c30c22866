import type { Client } from '@temporalio/client';
import { type Config, loadConfig } from '../config.ts';
import { openPool, type Sql } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import { type Installation, locateInstallation } from '../servers/index.ts';
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

async function requireSchema(sql: Sql): Promise<void> {
  let migrated: boolean;
  try {
    const [row] = await sql<{ migrated: boolean }[]>`
      select to_regclass('tideline.sync_runs') is not null as migrated`;
    migrated = row?.migrated ?? false;
  } catch (cause) {
    throw new TidelineError({
      code: 'database-not-reachable',
      message: `PostgreSQL cannot be used: ${(cause as Error).message || String((cause as { code?: unknown }).code)}.`,
      actor: 'operator',
      action: 'Check that it runs and what DATABASE_URL says; "tideline doctor" looks closer.',
      cause,
    });
  }
  if (migrated) return;
  throw new TidelineError({
    code: 'database-not-migrated',
    message: 'The database has no tables of Tideline yet.',
    actor: 'operator',
    action: 'Run "tideline migrate".',
  });
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
  let temporal: Client;
  try {
    // A server of one's own may ask for TLS or a key, which the standard variables hold.
    const isGiven = givenTemporalAddress(context.environment) !== null;
    temporal = await connectTemporal(isGiven ? undefined : installation.temporal);
  } catch (cause) {
    if (cause instanceof TidelineError) throw cause;
    throw new TidelineError({
      code: 'temporal-not-reachable',
      message: `Temporal at ${installation.temporal.address} cannot be reached: ${(cause as Error).message}.`,
      actor: 'operator',
      action: 'Check that it runs and what TEMPORAL_ADDRESS says; "tideline doctor" looks closer.',
      cause,
    });
  }
  try {
    return await work(temporal);
  } finally {
    await temporal.connection.close();
  }
}
