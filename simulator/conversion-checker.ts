import postgres, { type Sql } from 'postgres';
import { TidelineError } from '../src/errors.ts';

/** What is said of deliveries beside what the platforms have counted. Lists hold the kind, the platform's event and id. */
export interface ConversionComparison {
  /** None claimed, none lost, none twice, and nothing left to be done. */
  equal: boolean;
  /** Deliveries of each destination by their status. */
  destinations: { destination: string; statuses: Record<string, number> }[];
  /** Conversions that the platforms have counted. */
  counted: number;
  /** Said to be delivered, and not counted. */
  claimed: string[];
  /** Counted, and not said to be delivered; an outcome that is said to be unknown may be either. */
  unreported: string[];
  /** Counted more than once. */
  twice: string[];
  /** Neither delivered nor failed, skipped or expired. Those that wait for a paused destination are among them. */
  unsettled: string[];
}

export interface CompareConversionsOptions {
  databaseUrl: string;
  controlUrl: string;
}

interface StoredDelivery {
  destination: string;
  kind: string;
  source: string | null;
  platform_event: string | null;
  event_id: string;
  status: string;
  reason: string | null;
}

interface LedgerLine {
  platform: string;
  source: string;
  event: string;
  event_id: string;
  counted: number;
}

const rowsAtOnce = 5_000;

/**
 * Holds what is stored of deliveries against the ledgers of the simulated platforms, which count what is left after
 * doubles are told apart. Test events are no part of it.
 *
 * @throws TidelineError when the simulator does not answer
 */
export async function compareConversions({
  databaseUrl,
  controlUrl,
}: CompareConversionsOptions): Promise<ConversionComparison> {
  const ledger = await readLedger(controlUrl);
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: 'tideline-checker' },
  });
  try {
    return await compare(sql, ledger);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function compare(sql: Sql, ledger: ReadonlyMap<string, LedgerLine>): Promise<ConversionComparison> {
  const destinations = new Map<string, Record<string, number>>();
  const delivered = new Set<string>();
  const explained = new Set<string>();
  const unsettled: string[] = [];
  await readDeliveries(sql, (row) => {
    const statuses = destinations.get(row.destination) ?? {};
    destinations.set(row.destination, statuses);
    statuses[row.status] = (statuses[row.status] ?? 0) + 1;
    const name = nameOf(row.kind, row.source, row.platform_event, row.event_id);
    if (row.status === 'DELIVERED') delivered.add(name);
    else if (row.reason === 'OUTCOME_UNKNOWN') explained.add(name);
    else if (unsettledStatuses.has(row.status)) unsettled.push(name);
  });
  const counted = [...ledger].filter(([, line]) => line.counted > 0);
  const claimed = [...delivered].filter((name) => (ledger.get(name)?.counted ?? 0) === 0);
  const unreported = counted
    .map(([name]) => name)
    .filter((name) => !delivered.has(name) && !explained.has(name));
  const twice = counted.filter(([, line]) => line.counted > 1).map(([name]) => name);
  return {
    equal: claimed.length + unreported.length + twice.length + unsettled.length === 0,
    destinations: [...destinations].map(([destination, statuses]) => ({ destination, statuses })),
    counted: counted.length,
    ...{ claimed, unreported, twice, unsettled },
  };
}

const unsettledStatuses: ReadonlySet<string> = new Set(['PENDING', 'SENDING', 'RETRYING']);

/** What a platform tells conversions apart by. */
function nameOf(kind: string, source: string | null, event: string | null, eventId: string): string {
  return [kind, source ?? '', event ?? '', eventId].join(' ');
}

async function readDeliveries(sql: Sql, take: (row: StoredDelivery) => void): Promise<void> {
  await sql<StoredDelivery[]>`
    select d.destination_id as destination, o.kind, d.platform_event, d.event_id, d.status, d.reason,
      case
        when o.kind = 'google_ads' then d.platform_event
        when o.kind = 'tiktok' and e.medium = 'app' then o.settings ->> 'app_id'
        when o.kind = 'tiktok' and e.medium <> 'web' then o.settings ->> (e.medium || '_event_set_id')
        else o.settings ->> 'pixel_id'
      end as source
    from tideline.deliveries d
    join tideline.destinations o using (destination_id)
    join tideline.conversion_events e using (event_key)
    order by d.destination_id, d.delivery_id`.cursor(rowsAtOnce, (rows) => {
    for (const row of rows) take(row);
  });
}

async function readLedger(controlUrl: string): Promise<Map<string, LedgerLine>> {
  const response = await fetch(`${controlUrl}/conversions/ledger`);
  if (!response.ok) {
    throw new TidelineError({
      code: 'simulator-truth-unavailable',
      message: `The simulator answered ${response.status} when asked what its platforms have counted.`,
      actor: 'user',
      action: 'Compare while the simulator that was sent to is still running.',
    });
  }
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((text) => {
      const line = JSON.parse(text) as LedgerLine;
      return [nameOf(line.platform, line.source, line.event, line.event_id), line];
    }),
  );
}

/** What does not fit, in a line for each kind; none where everything does. */
export function formatConversions({ claimed, unreported, twice, unsettled }: ConversionComparison): string[] {
  const told: [string, readonly string[]][] = [
    ['said to be delivered, but not counted', claimed],
    ['counted, but not said to be delivered', unreported],
    ['counted twice', twice],
    ['not settled', unsettled],
  ];
  return told
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${names.length} ${what}: ${names.slice(0, 5).join(', ')}`);
}
