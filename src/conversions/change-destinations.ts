import { z } from 'zod';
import type { Sql } from '../db/pool.ts';
import { skipDeleted } from '../deliveries/skip-deleted.ts';
import type { DeliveryTools } from '../deliveries/tools.ts';
import type { AnyDestinationKind } from '../destinations/destination-kind.ts';
import type { CommonSettings } from '../destinations/settings.ts';
import { TidelineError } from '../errors.ts';
import {
  type Destination,
  type DestinationStatus,
  kindOf,
  loadDestination,
  sealSecrets,
} from './destinations.ts';

export interface NewDestination {
  id?: string | undefined;
  kind: 'tiktok' | 'meta' | 'google_ads';
  name?: string | undefined;
  status?: DestinationStatus | undefined;
  settings: Record<string, unknown>;
  secrets: Record<string, string>;
}

export interface DestinationChange {
  name?: string | undefined;
  status?: DestinationStatus | undefined;
  /** Beside what is stored; null takes a setting away. */
  settings?: Record<string, unknown> | undefined;
  secrets?: Record<string, string | null> | undefined;
}

/** Something in the settings or secrets that the kind does not take. */
export class UnfitSettings extends TidelineError {
  readonly faults: readonly { path: string; message: string }[];

  constructor(faults: readonly { path: string; message: string }[]) {
    super({
      code: 'bad-request',
      message: 'The settings do not fit the kind of destination.',
      actor: 'user',
    });
    this.faults = faults;
  }
}

/** @throws UnfitSettings; TidelineError 409 when the id is taken */
export async function createDestination(tools: DeliveryTools, given: NewDestination): Promise<Destination> {
  const { sql, findKind } = tools;
  const key = await tools.conversionKey();
  const kind = kindOf(given.kind, findKind);
  const { settings, secrets } = check(kind, given.settings, given.secrets);
  const id = given.id ?? (await freeId(sql, given.kind));
  const status = given.status ?? 'active';
  const row = {
    destination_id: id,
    kind: given.kind,
    name: given.name ?? id,
    status,
    ...pauseOf(status),
    settings: sql.json(settings as never),
    secrets: sealSecrets(key, id, secrets),
    from_environment: false,
    deleted_at: null,
    updated_at: new Date(),
  };
  // An id that was deleted may be used again, by the same kind: its old deliveries stay its own.
  const made = await sql`
    insert into destinations ${sql(row)}
    on conflict (destination_id) do update set ${sql(row)}
    where destinations.deleted_at is not null and destinations.kind = ${given.kind}`;
  if (made.count === 0) {
    const message = `There is, or was, another destination ${id}.`;
    throw new TidelineError({ code: 'destination-exists', message, actor: 'user', status: 409 });
  }
  return findDestination(tools, id);
}

/** What the engine stopped for may be mended by any change: it goes on and finds out. */
export async function changeDestination(
  tools: DeliveryTools,
  id: string,
  change: DestinationChange,
): Promise<Destination> {
  const { sql } = tools;
  const key = await tools.conversionKey();
  const stored = await findDestination(tools, id);
  const { settings, secrets } = check(
    stored.kind,
    { ...stored.settings, ...change.settings },
    { ...stored.secrets, ...change.secrets },
  );
  const isMended = change.settings !== undefined || change.secrets !== undefined;
  const status = change.status ?? null;
  const pause = pauseOf(status ?? 'active');
  await sql`
    update destinations set name = ${change.name ?? stored.name}, settings = ${sql.json(settings as never)},
      secrets = ${sealSecrets(key, id, secrets)}, updated_at = now(),
      status = case when ${status}::text is not null then ${status}
        when ${isMended} and paused_by = 'engine' then 'active' else status end,
      pause_reason = case when ${status}::text is not null then ${pause.pause_reason}
        when ${isMended} and paused_by = 'engine' then null else pause_reason end,
      paused_by = case when ${status}::text is not null then ${pause.paused_by}
        when ${isMended} and paused_by = 'engine' then null else paused_by end
    where destination_id = ${id} and deleted_at is null`;
  tools.wake([id]);
  return findDestination(tools, id);
}

/** What still waits for it is settled as skipped; what is known of its past deliveries stays. */
export async function deleteDestination(
  tools: Pick<DeliveryTools, 'sql' | 'conversionKey' | 'findKind' | 'wake'>,
  id: string,
): Promise<void> {
  await findDestination(tools, id);
  await tools.sql.begin(async (tx) => {
    await tx`
      update destinations set deleted_at = now(), secrets = null, updated_at = now()
      where destination_id = ${id}`;
    await skipDeleted(tx, id);
  });
  tools.wake([id]);
}

/** @throws TidelineError 404 */
export async function findDestination(
  { sql, conversionKey, findKind }: Pick<DeliveryTools, 'sql' | 'conversionKey' | 'findKind'>,
  id: string,
): Promise<Destination> {
  const found = await loadDestination(sql, await conversionKey(), findKind, id);
  if (found !== null && !found.isDeleted) return found;
  const message = 'There is no such destination.';
  throw new TidelineError({ code: 'destination-not-found', message, actor: 'user', status: 404 });
}

function pauseOf(status: DestinationStatus) {
  return status === 'paused'
    ? { pause_reason: 'Paused by a person', paused_by: 'person' }
    : { pause_reason: null, paused_by: null };
}

async function freeId(sql: Sql, kind: string): Promise<string> {
  const rows = await sql<{ id: string }[]>`
    select destination_id as id from destinations where kind = ${kind}`;
  const taken = new Set(rows.map(({ id }) => id));
  for (let number = 2; ; number += 1) if (!taken.has(`${kind}-${number}`)) return `${kind}-${number}`;
}

/** Secrets may stand among the settings, as people paste them; they are taken out. */
function check(
  kind: AnyDestinationKind,
  givenSettings: Record<string, unknown>,
  givenSecrets: Record<string, string | null | undefined>,
): { settings: CommonSettings; secrets: Record<string, string> } {
  const known = kind.secretsSchema instanceof z.ZodObject ? Object.keys(kind.secretsSchema.shape) : [];
  const entries = Object.entries(givenSettings).filter(([, value]) => value !== null);
  const among = entries.filter(([name]) => known.includes(name));
  const secrets = { ...givenSecrets, ...Object.fromEntries(among) };
  const faults: { path: string; message: string }[] = [];
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(secrets)) {
    if (value === null || value === undefined || value === '') continue;
    if (!known.includes(name)) faults.push({ path: `secrets.${name}`, message: 'is not known here.' });
    else if (typeof value !== 'string' || !/^[!-~]{1,2000}$/.test(value))
      faults.push({ path: `secrets.${name}`, message: 'must be printable ASCII without spaces.' });
    else kept[name] = value;
  }
  const parsed = kind.settingsSchema.safeParse(
    Object.fromEntries(entries.filter(([name]) => !known.includes(name))),
  );
  for (const issue of parsed.error?.issues ?? []) {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    for (const name of unknown) faults.push({ path: `settings.${name}`, message: 'is not known here.' });
    if (unknown.length === 0)
      faults.push({ path: ['settings', ...issue.path].join('.'), message: issue.message });
  }
  if (!parsed.success || faults.length > 0) throw new UnfitSettings(faults);
  return { settings: parsed.data, secrets: kept };
}
