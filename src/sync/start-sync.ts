import { shopDayBounds, shopToday } from '../analytics/shop-calendar.ts';
import type { Transaction } from '../db/pool.ts';
import { insertRun } from '../db/queries/runs.ts';
import { keepWorkbook, type WorkbookUpload } from '../db/queries/workbook-uploads.ts';
import { TidelineError } from '../errors.ts';
import { workflowUrl } from '../temporal/connection.ts';
import { searchAttributes, syncWorkflowId, syncWorkflowType, taskQueue } from '../temporal/names.ts';
import type { SyncDependencies } from './dependencies.ts';
import { newRunId } from './run-id.ts';
import type { BackfillRequest, RunMode, RunStream, RunTrigger, StartedRun } from './types.ts';

export interface SyncRequest {
  shopId: string;
  stream: RunStream;
  mode: RunMode;
  trigger: RunTrigger;
  /** Of mode `window`: records created in this half-open range; of analytics the shop's days that it touches. */
  window?: { from: Date; to: Date };
  /** Of analytics and mode `window`, in place of a range of time. */
  backfill?: BackfillRequest;
  /** What an uploaded workbook says of the one day of the backfill; kept together with the run. */
  workbook?: Pick<WorkbookUpload, 'fileSha256' | 'products'>;
}

interface ShopState {
  status: string;
  sync_enabled: boolean;
  ever_full: boolean;
}

async function loadShop(tx: Transaction, { shopId, stream }: SyncRequest): Promise<ShopState> {
  const synced = stream === 'reconcile' ? 'orders' : stream;
  const [shop] = await tx<ShopState[]>`
    select status, sync_enabled, exists (
      select 1 from stream_states where shop_id = ${shopId} and stream = ${synced} and last_full_sync_at is not null
    ) as ever_full
    from shops where shop_id = ${shopId} for update`;
  if (shop === undefined) {
    const message = `There is no shop ${shopId}.`;
    throw new TidelineError({ code: 'shop-not-found', message, actor: 'user', status: 404 });
  }
  return shop;
}

function refuseIdleShop(shopId: string, shop: ShopState): void {
  const refuse = (code: string, message: string, action: string): never => {
    throw new TidelineError({ code, message, action, actor: 'user', status: 409 });
  };
  const reconnect = 'Connect the shop again; its sync then goes on where it stopped.';
  if (shop.status === 'parked')
    refuse('shop-parked', `TikTok no longer accepts the access of ${shopId}.`, reconnect);
  if (shop.status !== 'active') refuse('shop-disconnected', `${shopId} is disconnected.`, reconnect);
  if (!shop.sync_enabled) {
    refuse(
      'sync-disabled',
      `Syncing is switched off for ${shopId}.`,
      'Set sync_enabled to true for this shop first.',
    );
  }
}

/** There is nothing to hold against upstream before the history was read once. */
function refuseUnread({ shopId, mode }: SyncRequest, shop: ShopState): void {
  if (mode !== 'reconcile' || shop.ever_full) return;
  throw new TidelineError({
    code: 'never-synced',
    message: `The history of ${shopId} has never been read to its end, so there is nothing to compare yet.`,
    action: 'Let a full sync finish first.',
    actor: 'user',
    status: 409,
  });
}

interface OpenRun {
  run_id: string;
  mode: RunMode;
  status: string;
  is_other_source: boolean;
  same_window: boolean;
}

/**
 * Decides, under the shop's row lock, which run answers the request: the one that is on, one that already waits, or
 * a new one. A full or window run asked for during another run follows it, a window run of analytics where it asks for the same.
 */
async function chooseRun(
  tx: Transaction,
  request: SyncRequest,
): Promise<{ runId: string; mode: RunMode; alreadyRunning: boolean }> {
  const { shopId, stream } = request;
  const shop = await loadShop(tx, request);
  refuseIdleShop(shopId, shop);
  refuseUnread(request, shop);
  const mode = request.mode === 'incremental' && !shop.ever_full ? 'full' : request.mode;
  const backfill = stream === 'analytics' ? await daysAskedFor(tx, request) : null;
  const window =
    backfill === null ? request.window : await windowOfDays(tx, shopId, backfill.dateFrom, backfill.dateTo);
  const open = await tx<OpenRun[]>`
    select run_id, mode, status, source <> 'open_api' as is_other_source,
      window_from is not distinct from ${window?.from ?? null}
        and window_to is not distinct from ${window?.to ?? null}
        and streams is not distinct from ${backfill?.streams ? [...backfill.streams] : null}::text[]
        and source = ${backfill?.source ?? 'open_api'} and source <> 'workbook' as same_window
    from sync_runs where shop_id = ${shopId} and stream = ${stream} and status in ('queued', 'running', 'paused')
    order by queued_at`;
  const answers = (run: OpenRun): boolean =>
    mode === 'incremental' ? !run.is_other_source : run.mode === mode && run.same_window;
  const existing = open.find(answers);
  if (existing !== undefined) return { runId: existing.run_id, mode: existing.mode, alreadyRunning: true };
  const runId = newRunId();
  const workflowId = syncWorkflowId(stream, shopId);
  await insertRun(tx, {
    runId,
    shopId,
    stream,
    mode,
    trigger: request.trigger,
    workflowId,
    window: window ?? null,
    backfill,
  });
  if (request.workbook !== undefined) await keepWorkbook(tx, { shopId, runId, ...request.workbook });
  return { runId, mode, alreadyRunning: false };
}

/** A range of time asks for every day of the shop that it touches. */
async function daysAskedFor(
  tx: Transaction,
  { shopId, window, backfill }: SyncRequest,
): Promise<BackfillRequest | null> {
  if (backfill !== undefined || window === undefined) return backfill ?? null;
  const dateFrom = await shopToday(tx, shopId, window.from.getTime());
  const dateTo = await shopToday(tx, shopId, window.to.getTime() - 1);
  return { streams: null, dateFrom, dateTo };
}

async function windowOfDays(
  tx: Transaction,
  shopId: string,
  dateFrom: string,
  dateTo: string,
): Promise<{ from: Date; to: Date }> {
  const { from, to } = await shopDayBounds(tx, shopId, dateFrom, dateTo);
  return { from: new Date(from * 1_000), to: new Date(to * 1_000) };
}

/**
 * Starts a run, or finds the one that already does what was asked. Used by the API, the schedules, the command line
 * and after connecting a shop: all of them start the same workflow id, so two runs are never on at once.
 *
 * @throws TidelineError 404 for an unknown shop, 409 for one that is parked, disconnected or switched off, 503 when
 * Temporal cannot be reached (the run then stays queued and the next start takes it up).
 */
export async function startSync(dependencies: SyncDependencies, request: SyncRequest): Promise<StartedRun> {
  const { sql, temporalUiUrl, temporal } = dependencies;
  const chosen = await sql.begin((tx) => chooseRun(tx, request));
  await wakeWorkflow(dependencies, request.stream, request.shopId, chosen.mode);
  const workflowId = syncWorkflowId(request.stream, request.shopId);
  return {
    run_id: chosen.runId,
    workflow_id: workflowId,
    mode: chosen.mode,
    already_running: chosen.alreadyRunning,
    temporal_ui_url: workflowUrl(temporalUiUrl, temporal.options.namespace, workflowId),
  };
}

/** Starts the shop's workflow, or tells the one that is on to look for another run before it ends. */
export async function wakeWorkflow(
  { temporal }: SyncDependencies,
  stream: RunStream,
  shopId: string,
  mode: RunMode,
): Promise<void> {
  try {
    await temporal.workflow.signalWithStart(syncWorkflowType(stream), {
      workflowId: syncWorkflowId(stream, shopId),
      taskQueue,
      args: [{ version: 1, shopId }],
      signal: 'wake',
      signalArgs: [],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowTaskTimeout: '5s',
      priority: { fairnessKey: shopId },
      typedSearchAttributes: [
        { key: searchAttributes.shopId, value: shopId },
        { key: searchAttributes.stream, value: stream },
        { key: searchAttributes.syncMode, value: mode },
      ],
    });
  } catch (error) {
    throw new TidelineError({
      code: 'temporal-unavailable',
      message: 'Temporal could not be reached to start the sync.',
      action: 'Check that the Temporal server is up; the run waits and is taken up by the next start.',
      actor: 'retry',
      cause: error,
    });
  }
}
