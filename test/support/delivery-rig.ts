import { pino } from 'pino';
import { createEventIntake, type EventIntake } from '../../src/conversions/accept-events.ts';
import { sealSecrets } from '../../src/conversions/destinations.ts';
import { type ConversionKey, createConversionKey } from '../../src/conversions/seal.ts';
import { openPool, type Sql } from '../../src/db/pool.ts';
import { AccessTokens } from '../../src/deliveries/access-tokens.ts';
import { type DeliveryDependencies, deliverDue } from '../../src/deliveries/deliver-due.ts';
import { noDeliveryLog } from '../../src/deliveries/delivery-log.ts';
import { destinationKind } from '../../src/destinations/index.ts';
import { createHttpClient } from '../../src/http/request.ts';
import { createDataKeys } from '../../src/shops/data-keys.ts';
import { createTestDatabase } from './database.ts';
import { testKeyRing } from './grants.ts';
import { startTikTokEvents, type TikTokEvents } from './tiktok-events.ts';

export interface DeliveryRow {
  event_id: string;
  status: string;
  reason: string | null;
  attempts: number;
  platform_event: string | null;
}

/** Deliveries on a real database and a platform on loopback, without Temporal: the test says when it is delivered. */
export interface DeliveryRig {
  sql: Sql;
  databaseUrl: string;
  platform: TikTokEvents;
  intake: EventIntake;
  dependencies: DeliveryDependencies;
  conversionKey: ConversionKey;
  /** A destination named after its kind is of that kind, all others are of TikTok. */
  addDestination(id: string, settings?: object, secrets?: Record<string, string>): Promise<void>;
  /** Accepts purchases with these ids. */
  accept(ids: readonly string[], fields?: object): Promise<void>;
  deliver(destinationId?: string, signal?: AbortSignal): Promise<{ nextDueAt: number | null }>;
  /** Lets everything that waits be due now. */
  hurry(): Promise<void>;
  rows(destinationId?: string): Promise<DeliveryRow[]>;
  statuses(destinationId?: string): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** @param upstream where the platforms are; the rig's own of TikTok where not given */
export async function startDeliveryRig(upstream?: string): Promise<DeliveryRig> {
  const database = await createTestDatabase();
  const sql = openPool(database.databaseUrl, { applicationName: 'test', maxConnections: 8 });
  const conversionKey = createConversionKey(sql, createDataKeys(testKeyRing));
  const platform = await startTikTokEvents();
  const http = createHttpClient({
    connectTimeoutMs: 1_000,
    headersTimeoutMs: 500,
    bodyTimeoutMs: 500,
    maxResponseBytes: 1_000_000,
    connectionsPerOrigin: 8,
  });
  const url = upstream ?? platform.url;
  const origins = {
    tiktokEvents: url,
    metaGraph: url,
    googleDataManager: url,
    googleAds: url,
    googleOauth: url,
  };
  const dependencies: DeliveryDependencies = {
    sql,
    conversionKey,
    findKind: destinationKind,
    http,
    origins,
    tokens: new AccessTokens(http, origins),
    outboundMode: 'live',
    deliveryLog: noDeliveryLog,
    log: pino({ level: 'silent' }),
    paces: new Map(),
  };
  const intake = createEventIntake({ sql, conversionKey, wake: () => undefined });
  const rows: DeliveryRig['rows'] = async (destinationId = 'pixel') => [
    ...(await sql<DeliveryRow[]>`
      select event_id, status, reason, attempts, platform_event from deliveries
      where destination_id = ${destinationId} order by delivery_id`),
  ];
  return {
    ...{ sql, databaseUrl: database.databaseUrl, platform, intake, dependencies, conversionKey, rows },
    async addDestination(id, settings = {}, secrets = { access_token: 'a-token' }) {
      const kind = destinationKind(id) ?? destinationKind('tiktok');
      const parsed = kind?.settingsSchema.parse({
        ...(kind.kind === 'tiktok' ? { pixel_id: 'PIXEL' } : {}),
        requests_per_second: 1_000,
        ...settings,
      });
      const sealed = sealSecrets(await conversionKey(), id, secrets);
      await sql`
        insert into destinations (destination_id, kind, name, settings, secrets)
        values (${id}, ${kind?.kind ?? 'tiktok'}, ${id}, ${sql.json(parsed as never)}, ${sealed})`;
    },
    async accept(ids, fields = {}) {
      const event_time = Math.floor(Date.now() / 1_000) - 60;
      const events = ids.map((event_id) => ({
        ...{ event_id, event_name: 'PURCHASE', event_time, user: { email: `${event_id}@example.com` } },
        ...fields,
      }));
      const { rejected } = await intake.acceptGiven(events, 'api');
      if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
    },
    deliver: (destinationId = 'pixel', signal = new AbortController().signal) =>
      deliverDue(dependencies, { signal, heartbeat: () => undefined }, destinationId),
    async hurry() {
      dependencies.paces.clear();
      await sql`update deliveries set next_attempt_at = now() where next_attempt_at > now()`;
    },
    async statuses(destinationId) {
      const counts: Record<string, number> = {};
      for (const { status } of await rows(destinationId)) counts[status] = (counts[status] ?? 0) + 1;
      return counts;
    },
    async close() {
      await platform.close();
      await http.close();
      await sql.end();
      await database.drop();
    },
  };
}
