import type { Sql, Transaction } from '../db/pool.ts';
import type { AnyDestinationKind } from '../destinations/destination-kind.ts';
import type { CommonSettings } from '../destinations/settings.ts';
import { TidelineError } from '../errors.ts';
import type { DataKey } from '../shops/data-keys.ts';

export type DestinationStatus = 'active' | 'paused' | 'mock';

/** A place that conversions are sent to, its secrets opened. */
export interface Destination {
  id: string;
  kind: AnyDestinationKind;
  name: string;
  status: DestinationStatus;
  pauseReason: string | null;
  settings: CommonSettings;
  /** What of them is known; whether it is enough says the kind. */
  secrets: Partial<Record<string, string>>;
  fromEnvironment: boolean;
  isDeleted: boolean;
  /** Changes with every change of it. */
  version: string;
}

export type FindKind = (kind: string) => AnyDestinationKind | undefined;

interface DestinationRow {
  destination_id: string;
  kind: string;
  name: string;
  status: DestinationStatus;
  pause_reason: string | null;
  settings: unknown;
  secrets: Buffer | null;
  from_environment: boolean;
  deleted_at: Date | null;
  version: string;
}

const columns = `destination_id, kind, name, status, pause_reason, settings, secrets, from_environment, deleted_at,
  updated_at::text as version`;

/** @throws TidelineError for the operator when what is stored does not fit the kind */
function settingsOf(
  row: Pick<DestinationRow, 'destination_id' | 'kind' | 'settings'>,
  findKind: FindKind,
): Pick<Destination, 'kind' | 'settings'> {
  const kind = kindOf(row.kind, findKind);
  const settings = kind.settingsSchema.safeParse(row.settings);
  if (!settings.success) {
    const places = settings.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new TidelineError({
      code: 'destination-settings-invalid',
      message: `The stored settings of the destination ${row.destination_id} do not fit: ${places}.`,
      actor: 'operator',
      action: `Correct them with PATCH /api/v1/destinations/${row.destination_id}.`,
    });
  }
  return { kind, settings: settings.data };
}

function toDestination(row: DestinationRow, key: DataKey, findKind: FindKind): Destination {
  return {
    id: row.destination_id,
    ...settingsOf(row, findKind),
    name: row.name,
    status: row.status,
    pauseReason: row.pause_reason,
    secrets: row.secrets === null ? {} : openSecrets(key, row.destination_id, row.secrets),
    fromEnvironment: row.from_environment,
    isDeleted: row.deleted_at !== null,
    version: row.version,
  };
}

export function kindOf(name: string, findKind: FindKind): AnyDestinationKind {
  const kind = findKind(name);
  if (kind !== undefined) return kind;
  const message = `There are no destinations of the kind ${name}.`;
  throw new TidelineError({ code: 'destination-kind-unknown', message, actor: 'user' });
}

/** One destination, a deleted one too: deliveries still tell of it. */
export async function loadDestination(
  sql: Sql | Transaction,
  key: DataKey,
  findKind: FindKind,
  destinationId: string,
): Promise<Destination | null> {
  const [row] = await sql<DestinationRow[]>`
    select ${sql.unsafe(columns)} from destinations where destination_id = ${destinationId}`;
  return row === undefined ? null : toDestination(row, key, findKind);
}

/** All that are not deleted, by their ids. */
export async function listDestinations(sql: Sql, key: DataKey, findKind: FindKind): Promise<Destination[]> {
  const rows = await sql<DestinationRow[]>`
    select ${sql.unsafe(columns)} from destinations where deleted_at is null order by destination_id`;
  return rows.map((row) => toDestination(row, key, findKind));
}

/** The same as they are shown, without their secrets and without what opens these. */
export async function listOpenDestinations(sql: Sql | Transaction, findKind: FindKind) {
  const rows = await sql<Omit<DestinationRow, 'secrets' | 'deleted_at' | 'version'>[]>`
    select destination_id, kind, name, status, pause_reason, settings, from_environment
    from destinations where deleted_at is null order by destination_id`;
  return rows.map((row) => ({
    id: row.destination_id,
    ...{ kind: row.kind, name: row.name, status: row.status, pause_reason: row.pause_reason },
    settings: settingsOf(row, findKind).settings,
    from_environment: row.from_environment,
  }));
}

export function sealSecrets(key: DataKey, id: string, secrets: Destination['secrets']): Buffer | null {
  if (Object.keys(secrets).length === 0) return null;
  return key.encrypt(JSON.stringify(secrets), secretsContext(id));
}

function openSecrets(key: DataKey, id: string, sealed: Buffer): Destination['secrets'] {
  return JSON.parse(key.decrypt(sealed, secretsContext(id)).toString('utf8'));
}

function secretsContext(id: string) {
  return { purpose: 'destination-secrets', owner: id };
}

/**
 * Stops sending until a person has mended what `reason` says. Nothing happens where the destination was changed since:
 * what the platform says of an old token says nothing of a new one.
 */
export async function pauseByEngine(sql: Sql, { id, version }: Destination, reason: string): Promise<void> {
  await sql`
    update destinations set status = 'paused', pause_reason = ${reason}, paused_by = 'engine', updated_at = now()
    where destination_id = ${id} and status = 'active' and updated_at::text = ${version}`;
}
