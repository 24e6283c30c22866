import type { Logger } from 'pino';
import type { EventIntake } from '../conversions/accept-events.ts';
import type { ConversionKey } from '../conversions/seal.ts';
import type { Sql } from '../db/pool.ts';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import type { DeliveryTools } from '../deliveries/tools.ts';
import type { SellerCenterControl } from '../seller-center/control.ts';
import type { SyncRequest } from '../sync/start-sync.ts';
import type {
  BackfillDay,
  BackfillRequest,
  Run,
  RunMode,
  RunStatus,
  RunStream,
  RunTrigger,
  ScheduleSettings,
  StartedRun,
  Stream,
  StreamStatus,
} from '../sync/types.ts';
import type { WebhookInbox } from '../webhooks/receive-webhooks.ts';
import type { WebhookSource } from '../webhooks/sources.ts';
import type { ExportControl } from './export-control.ts';
import type { PrivacyControl } from './privacy-control.ts';

/** A shop as the API shows it. */
export interface ShopRecord {
  id: string;
  tiktok_shop_id: string;
  name: string;
  region: string;
  currency: string | null;
  time_zone: string;
  status: 'active' | 'parked' | 'disconnected';
  sync_enabled: boolean;
  connected_at: string;
  access_token_expires_at: string | null;
  seller_center: 'off' | 'active' | 'parked';
  last_error: unknown;
}

export interface ShopControl {
  list(): Promise<ShopRecord[]>;
  /** By Tideline's id or TikTok's. */
  find(id: string): Promise<ShopRecord | null>;
  update(shopId: string, changes: { timeZone?: string; syncEnabled?: boolean }): Promise<ShopRecord>;
  disconnect(shopId: string): Promise<void>;
}

export type ConsentResult =
  | { outcome: 'refused'; reason: string }
  | { outcome: 'connected'; shopIds: readonly string[]; startSync: boolean };

export interface ConsentControl {
  /** Where to send the browser; the consent can be completed only with the same `binding`. */
  begin(options: { binding: string; startSync: boolean; choose: boolean }): Promise<string>;
  complete(answer: {
    binding: string;
    state: string;
    code: string | null;
    error: string | null;
  }): Promise<ConsentResult>;
}

export type RunAction = 'pause' | 'resume' | 'cancel' | 'retry';
export type ScheduledStream = RunStream | 'tokens';

export interface SyncControl {
  start(request: {
    shopId: string;
    stream: RunStream;
    mode: RunMode;
    trigger: RunTrigger;
    window?: { from: string; to: string };
    /** Of analytics and mode `window`, in place of a range of time. */
    backfill?: BackfillRequest;
    /** With a backfill whose source is a workbook. */
    workbook?: NonNullable<SyncRequest['workbook']>;
  }): Promise<StartedRun>;
  control(runId: string, action: RunAction): Promise<Run>;
  /** Throws 404 for an unknown run and for one of another shop than `shopIds` (null: every shop). */
  read(runId: string, shopIds: readonly string[] | null): Promise<Run>;
  /** The units of work of a run of analytics, the oldest day first. */
  readDays(runId: string): Promise<BackfillDay[]>;
  list(filter: {
    /** Null: every shop. */
    shopIds: readonly string[] | null;
    stream?: RunStream;
    status?: RunStatus;
    limit: number;
    /** The run id after which the list goes on. */
    after?: string;
  }): Promise<Run[]>;
  status(shopId: string, stream: Stream): Promise<StreamStatus>;
  readSchedule(shopId: string, stream: ScheduledStream): Promise<ScheduleSettings>;
  writeSchedule(
    shopId: string,
    stream: ScheduledStream,
    settings: ScheduleSettings,
  ): Promise<ScheduleSettings>;
  /** Makes the schedules of a connected shop that are missing. */
  ensureSchedules(shopId: string): Promise<void>;
  /** Reads one order again; throws 404, 409, 502 and 503. */
  refreshOrder(shopId: string, orderId: string): Promise<void>;
  /** Lets a worker sum a shop's days anew; throws 503 when Temporal is away. */
  rollUpOrders(shopId: string): Promise<void>;
  /** Ends what is scheduled and running for a shop that is being disconnected. */
  stopShop(shopId: string): Promise<void>;
  /** Lets the runs go on that were paused because the shop was parked. */
  resumeParked(shopId: string): Promise<void>;
}

/** One part that the API needs to be of use. */
export interface ReadinessCheck {
  name: string;
  /** Null when it is well. */
  fault: string | null;
}

/** Everything that the API is made of; `main.ts` fills it, tests fill it otherwise. */
export interface ApiDependencies {
  sql: Sql;
  logger: Logger;
  settings: {
    host: string;
    port: number;
    publicUrl: string;
    /** `TIDELINE_API_KEY`. */
    apiKey: string | null;
    /** Most requests a second of one key. */
    requestsPerSecond: number;
    temporalUiUrl: string | null;
    /** What the supervisor knows this process by; null without one. */
    instance?: string | null;
    /** The built dashboard. */
    dashboardDirectory: string;
    /** The built script for pages of shops. */
    snippetFile: string;
    version: string;
  };
  shops: ShopControl;
  consent: ConsentControl;
  sync: SyncControl;
  privacy: PrivacyControl;
  sellerCenter: SellerCenterControl;
  intake: EventIntake;
  conversionKey: ConversionKey;
  /** Destinations and deliveries. */
  deliveryTools: DeliveryTools;
  inbox: WebhookInbox;
  exports: ExportControl;
  /** Soon has a worker look for webhooks of these sources; never throws. */
  wakeWebhooks(sources: readonly WebhookSource[]): void;
  /** The decrypted personal fields of an order; null when none are stored. */
  readPersonal(scope: ShopScope, orderId: string): Promise<Record<string, unknown> | null>;
  checkReadiness(): Promise<ReadinessCheck[]>;
  /** Aborted when the process stops: open event streams end. */
  stopping: AbortSignal;
  /** Holds every answer against its schema; for tests. */
  verifyAnswers?: boolean;
}
