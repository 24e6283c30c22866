import type { Client } from '@temporalio/client';
import type { Sql } from '../db/pool.ts';

/** What starting and controlling runs needs. */
export interface SyncDependencies {
  sql: Sql;
  temporal: Client;
  /** Base of Temporal's UI, for links; null where none is known. */
  temporalUiUrl: string | null;
}
