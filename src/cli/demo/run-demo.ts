import { openPool } from '../../db/pool.ts';
import { TidelineError } from '../../errors.ts';
import type { Installation } from '../../servers/index.ts';
import { type RunningInstallation, runUp } from '../commands/up.ts';
import { type CommandContext, exitCodes, say } from '../context.ts';
import { printJson } from '../output.ts';
import { createProgress } from '../progress.ts';
import { onStopSignals } from '../stop-signals.ts';
import { createApiClient } from './api-client.ts';
import { walkConsent } from './consent.ts';
import { prepareDemoDirectory } from './data-directory.ts';
import { proveByLedger, runJob } from './job.ts';
import type { DemoOptions } from './options.ts';
import { withPlatforms } from './platforms.ts';
import { sendConversions } from './send-conversions.ts';
import { type DemoSettings, demoSettings, withSimulator } from './settings.ts';
import {
  compareDeliveries,
  createSimulatorControl,
  type SimulatorControl,
  verify,
  verifyAnalytics,
  verifyProducts,
} from './simulator-control.ts';
import { type SimulatorProcess, startSimulatorProcess } from './simulator-process.ts';
import { type DemoResult, renderSummary, succeeded, summaryJson } from './summary.ts';

const CHANGES_OF_A_FILE = 500;
const CHANGES_OF_GENERATED = 100;
const SETTLE_MS = 2_500;
const DELIVERY_POLL_MS = 250;
/** Orders a minute and shop while the demo idles. */
const IDLE_TRAFFIC = 12;

/**
 * The whole product on a simulated TikTok Shop.
 *
 * @returns the exit code: 0 only when everything that the simulator holds is stored, 130 when it was interrupted
 */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<number> {
  const report = (line: string): void => say(context.stderr, line);
  const interruption = new AbortController();
  const forgetSignals = onStopSignals(
    () => interruption.abort(interrupted()),
    () => undefined,
  );
  const { signal } = interruption;
  let simulator: SimulatorProcess | null = null;
  let running: RunningInstallation | null = null;
  try {
    const basis = await demoSettings(context.environment);
    await makeEmpty(basis);
    report('Starting the simulator…');
    simulator = await startSimulatorProcess({
      args: simulatorArguments(options, basis),
      environment: basis.environment,
      report,
      signal,
    });
    simulator.ended.then((how) => interruption.abort(simulatorEnded(how)));
    const control = createSimulatorControl(simulator.address.controlUrl, signal);
    const settings = withPlatforms(
      withSimulator(basis, simulator.address),
      await control.platformCredentials(),
    );
    running = await runUp(settings.config, {
      report,
      environment: settings.environment,
      logs: 'data-directory',
    });
    signal.throwIfAborted();
    const result = await doJob({ context, options, settings, running, simulator, control, signal });
    show(context, options, result, running, settings, simulator);
    const code = succeeded(result) ? exitCodes.done : exitCodes.failed;
    if (options.once) return code;
    await control.setTraffic(IDLE_TRAFFIC);
    report('The simulator makes a little traffic now, which the schedule picks up. Ctrl-C ends the demo.');
    // From here on Ctrl-C is the way to end, no interruption; the installation listens for it by itself.
    forgetSignals();
    await Promise.race([running.ended, failOnAbort(signal)]);
    return exitCodes.done;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // Stopping has to be finished before signals get their usual effect back.
    await running?.stop();
    await simulator?.stop();
    forgetSignals();
  }
}

function simulatorArguments(options: DemoOptions, { config }: DemoSettings): string[] {
  const content =
    options.ordersFile === null
      ? ['--shops', String(options.shops), '--orders-count', String(options.ordersCount)]
      : ['--orders', options.ordersFile];
  return [
    ...content,
    ...['--port', '0', '--seed', String(options.seed)],
    ...['--redirect-uri', `${config.publicUrl}/connect/tiktok-shop/callback`],
  ];
}

interface Job {
  context: CommandContext;
  options: DemoOptions;
  settings: DemoSettings;
  running: RunningInstallation;
  simulator: SimulatorProcess;
  control: SimulatorControl;
  signal: AbortSignal;
}

function doJob({
  context,
  options,
  settings,
  running,
  simulator,
  control,
  signal,
}: Job): Promise<DemoResult> {
  const { databaseUrl, publicUrl } = running.installation;
  const { controlUrl } = simulator.address;
  const api = createApiClient({ url: publicUrl, key: settings.apiKey, signal });
  const report = (line: string): void => say(context.stderr, line);
  return runJob(
    {
      api,
      simulator: control,
      connect: () => walkConsent({ apiUrl: publicUrl, key: settings.apiKey, signal }),
      verify: (shops) => verify(databaseUrl, controlUrl, shops),
      sendConversions: () =>
        sendConversions({
          ...{ api, platforms: control.platforms, report, signal, pollMs: DELIVERY_POLL_MS },
          compare: () => compareDeliveries(databaseUrl, controlUrl),
        }),
      verifyProducts: (shops) => verifyProducts(databaseUrl, controlUrl, shops),
      verifyAnalytics: (shops) => verifyAnalytics(databaseUrl, controlUrl, shops),
      prove: (shopIds) => proveByLedger(databaseUrl, shopIds),
      display: createProgress({ output: context.stderr, environment: context.environment, unit: 'orders' }),
      analyticsDisplay: createProgress({
        output: context.stderr,
        environment: context.environment,
        unit: 'products and days',
      }),
      report,
      signal,
    },
    {
      shops: options.ordersFile === null ? options.shops : 1,
      changes: options.ordersFile === null ? CHANGES_OF_GENERATED : CHANGES_OF_A_FILE,
      settleMs: SETTLE_MS,
      allCompleted: options.ordersFile !== null,
      timeZone: options.ordersFile === null ? null : 'UTC',
    },
  );
}

function show(
  context: CommandContext,
  options: DemoOptions,
  result: DemoResult,
  { installation }: RunningInstallation,
  { apiKey }: DemoSettings,
  simulator: SimulatorProcess,
): void {
  if (options.json) printJson(context.stdout, summaryJson(result));
  else say(context.stdout, renderSummary(result));
  const places = renderPlaces(installation, apiKey, simulator);
  if (options.once)
    places.push('With --once everything is stopped now; without it these stay open until Ctrl-C.');
  for (const line of places) say(options.json ? context.stderr : context.stdout, line);
}

function renderPlaces(
  { publicUrl, temporal }: Installation,
  apiKey: string,
  { address }: SimulatorProcess,
): string[] {
  return [
    '',
    `Dashboard    ${publicUrl}`,
    `API docs     ${publicUrl}/docs`,
    ...(temporal.uiUrl === null ? [] : [`Temporal UI  ${temporal.uiUrl}`]),
    `Simulator    ${address.controlUrl}`,
    `API key      ${apiKey}`,
  ];
}

/** A demo counts what it has stored, so it begins with nothing. */
async function makeEmpty({ config }: DemoSettings): Promise<void> {
  await prepareDemoDirectory(config.dataDirectory);
  if (config.databaseUrl === null) return;
  const sql = openPool(config.databaseUrl, { applicationName: 'tideline demo', maxConnections: 1 });
  try {
    const [row] = await sql<{ used: boolean }[]>`select to_regclass('tideline.shops') is not null as used`;
    const [shop] = row?.used === true ? await sql`select 1 from tideline.shops limit 1` : [];
    if (shop === undefined) return;
  } finally {
    await sql.end({ timeout: 5 });
  }
  throw new TidelineError({
    code: 'demo-database-in-use',
    message: 'A demo begins with an empty database, but the one of DATABASE_URL has shops.',
    actor: 'user',
    action: 'Point DATABASE_URL at a new database, or leave it unset.',
  });
}

function failOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function interrupted(): TidelineError {
  return new TidelineError({
    code: 'interrupted',
    message: 'The demo was interrupted; everything is stopped.',
    actor: 'user',
  });
}

function simulatorEnded(how: string): TidelineError {
  return new TidelineError({
    code: 'simulator-ended',
    message: `The simulator ended in the middle of the demo (${how}).`,
    actor: 'us',
  });
}
