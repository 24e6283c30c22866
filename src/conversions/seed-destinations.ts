import { isDeepStrictEqual } from 'node:util';
import type { ConversionConfig, EnvironmentDestination } from '../config-conversions.ts';
import type { Sql, Transaction } from '../db/pool.ts';
import { TidelineError } from '../errors.ts';
import type { DataKey } from '../shops/data-keys.ts';
import { type FindKind, loadDestination, sealSecrets } from './destinations.ts';

/**
 * Makes the destinations of the environment, or brings them up to it: what is set there wins over what is stored.
 * `tiktok` is there from the first start, so that events say what is missing; the others once something of them is
 * set, or in mock mode.
 *
 * @throws TidelineError for the operator when a value does not fit
 */
export async function seedDestinations(
  sql: Sql,
  key: DataKey,
  findKind: FindKind,
  { destinations, outboundMode }: Pick<ConversionConfig, 'destinations' | 'outboundMode'>,
): Promise<void> {
  await sql.begin(async (tx) => {
    // Every process reads the environment when it starts.
    await tx`select pg_advisory_xact_lock(hashtextextended('seed destinations', 0))`;
    for (const given of destinations) {
      await seed(tx, key, findKind, given, given.isGiven || outboundMode === 'mock');
    }
  });
}

async function seed(
  tx: Transaction,
  key: DataKey,
  findKind: FindKind,
  given: EnvironmentDestination,
  isWanted: boolean,
): Promise<void> {
  const { id, name } = given;
  const kind = findKind(id);
  if (kind === undefined) return;
  const stored = await loadDestination(tx, key, findKind, id);
  if (stored === null ? !isWanted && id !== 'tiktok' : stored.isDeleted && !given.isGiven) return;
  const parsed = kind.settingsSchema.safeParse({ ...stored?.settings, ...given.settings });
  if (!parsed.success) throw unfit(id, parsed.error.issues[0]?.path.join('.') ?? 'settings');
  const settings = parsed.data;
  const secrets = { ...stored?.secrets, ...given.secrets };
  if (stored === null) {
    await tx`
      insert into destinations (destination_id, kind, name, settings, secrets, from_environment)
      values (${id}, ${id}, ${name}, ${tx.json(settings)}, ${sealSecrets(key, id, secrets)}, true)`;
    return;
  }
  const isSame = isDeepStrictEqual([settings, secrets], [stored.settings, stored.secrets]);
  if (isSame && stored.fromEnvironment && !stored.isDeleted) return;
  // Somebody has changed what the engine stopped for: it finds out whether that was it.
  await tx`
    update destinations set settings = ${tx.json(settings)}, secrets = ${sealSecrets(key, id, secrets)},
      from_environment = true, deleted_at = null, updated_at = now(),
      status = case when paused_by = 'engine' then 'active' else status end,
      pause_reason = case when paused_by = 'engine' then null else pause_reason end,
      paused_by = case when paused_by = 'engine' then null else paused_by end
    where destination_id = ${id}`;
}

function unfit(id: string, field: string): TidelineError {
  return new TidelineError({
    code: 'destination-environment-invalid',
    message: `What the environment says of the destination ${id} does not fit: ${field}.`,
    actor: 'operator',
    action: 'Correct the variable; docs/configuration.md explains every one.',
  });
}
