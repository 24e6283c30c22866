import { TidelineError } from '../errors.ts';
import type { Sql } from './pool.ts';

/**
 * Looks whether the database can be worked with, before anything else is done with it.
 * @throws TidelineError when it cannot be reached or has not been migrated
 */
export async function requireSchema(sql: Sql): Promise<void> {
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
