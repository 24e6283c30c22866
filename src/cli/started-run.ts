import { readRun } from '../sync/read-runs.ts';
import type { Run, StartedRun } from '../sync/types.ts';
import { type CommandContext, exitCodes, say } from './context.ts';
import { followRun } from './follow-run.ts';
import { formatDuration, formatNumber, printJson } from './output.ts';
import { createProgress } from './progress.ts';
import { onStopSignals } from './stop-signals.ts';
import type { OpenInstallation } from './with-installation.ts';

export interface ShownRun {
  shopId: string;
  /** What it is, as in "the full sync of shop-1". */
  what: string;
  started: StartedRun;
  /** What its progress counts, in the plural; orders where not given. */
  unit?: string;
  follow?: true;
  json?: true;
}

/** Says that a run has started, or shows its progress until it is over where that was asked for. */
export async function showStarted(
  context: CommandContext,
  open: OpenInstallation,
  shown: ShownRun,
): Promise<void> {
  if (shown.follow) await follow(context, open, shown);
  else if (shown.json) printJson(context.stdout, shown.started);
  else sayStarted(context, shown);
}

function sayStarted(context: CommandContext, { shopId, what, started }: ShownRun): void {
  const state = started.already_running ? 'is already going on' : 'has started';
  say(context.stdout, `${started.run_id}: the ${what} of ${shopId} ${state}.`);
  if (started.temporal_ui_url !== null) say(context.stderr, `In Temporal: ${started.temporal_ui_url}`);
}

async function follow(
  context: CommandContext,
  { sql, installation }: OpenInstallation,
  shown: ShownRun,
): Promise<void> {
  const { shopId, started } = shown;
  if (!shown.json) sayStarted(context, shown);
  const interruption = new AbortController();
  const forgetSignals = onStopSignals(
    () => interruption.abort(),
    () => process.exit(exitCodes.interrupted),
  );
  const display = createProgress({
    output: context.stderr,
    environment: context.environment,
    unit: shown.unit ?? 'orders',
  });
  const { namespace, uiUrl: temporalUiUrl } = installation.temporal;
  try {
    const run = await followRun({
      read: () => readRun(sql, started.run_id, { links: { namespace, temporalUiUrl } }),
      display,
      label: shopId,
      signal: interruption.signal,
    });
    display.end();
    if (shown.json) printJson(context.stdout, run);
    else sayEnd(context, run);
    context.exitCode = run.status === 'completed' ? exitCodes.done : exitCodes.failed;
  } catch (error) {
    display.end();
    if (!interruption.signal.aborted) throw error;
    say(context.stderr, `${started.run_id} goes on without you; "tideline status" shows how far it is.`);
    context.exitCode = exitCodes.interrupted;
  } finally {
    forgetSignals();
  }
}

function sayEnd(context: CommandContext, run: Run): void {
  const { counts } = run;
  const duration =
    run.started_at !== null && run.finished_at !== null
      ? ` in ${formatDuration(Date.parse(run.finished_at) - Date.parse(run.started_at))}`
      : '';
  say(
    context.stdout,
    `${run.run_id}: ${run.status.replaceAll('_', ' ')}${duration}: ${formatNumber(counts.fetched)} ${run.stream === 'orders' ? 'orders' : 'rows'} read, ` +
      `${formatNumber(counts.written)} written, ${formatNumber(counts.unchanged)} unchanged, ` +
      `${formatNumber(counts.quarantined)} set aside, ${formatNumber(counts.api_calls)} API calls.`,
  );
  if (run.error === null) return;
  say(
    context.stderr,
    `${run.error.title}${run.error.request_id === null ? '' : ` (TikTok's request ${run.error.request_id})`}`,
  );
  if (run.error.action !== null) say(context.stderr, run.error.action);
}
