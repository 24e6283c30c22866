import type { Command } from 'commander';
import type { RunningSimulator } from '../../../simulator/index.ts';
import { defaultOptions, readSimulateOptions, simulateOptions } from '../../../simulator/options.ts';
import { TidelineError } from '../../errors.ts';
import { type CommandContext, exitCodes, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, renderTable } from '../output.ts';
import { onStopSignals } from '../stop-signals.ts';
import { UsageError } from '../usage-error.ts';

export function registerSimulate(program: Command, context: CommandContext): void {
  const command = program
    .command('simulate')
    .description('run a TikTok Shop that behaves, and misbehaves, as the real one does')
    .option('--json', 'print the address and the credentials as JSON when it is ready');
  for (const option of simulateOptions) command.option(option.flags, option.description);
  command.action(async (given: Record<string, unknown>) => {
    const options = usage(() => readSimulateOptions(given));
    const { startSimulator } = await import('../../../simulator/index.ts');
    const simulator = await startSimulator(options, (line) => say(context.stderr, line));
    // Before the address is told: whoever reads it may end the simulator at once.
    const told = untilToldToStop();
    // One line, so that whoever started it knows where the document ends.
    if (given.json === true) say(context.stdout, JSON.stringify(describe(simulator)));
    else sayReady(context, simulator);
    await told;
    await simulator.stop();
  });
  examples(command, [
    ['tideline simulate --port 4010 --orders-count 370200', 'a big shop'],
    ['tideline simulate --orders orders.ndjson.gz --shift-to-now', 'orders of a file'],
    ['tideline simulate --rate-limit 10 --latency 200', 'a slow platform that throttles'],
  ]);
}

function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    onStopSignals(
      () => resolve(),
      () => process.exit(exitCodes.failed),
    );
  });
}

/** Wrong options of the simulator are wrong usage of the command. */
function usage<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof TidelineError && error.code === 'wrong-usage') throw new UsageError(error.message);
    throw error;
  }
}

/** A secret that somebody chose may be a real one; only the invented default is shown. */
function shownSecret({ app }: RunningSimulator): string | null {
  return app.appSecret === defaultOptions.appSecret ? app.appSecret : null;
}

function describe(simulator: RunningSimulator) {
  const { url, controlUrl, app, conversions, shops, skipped } = simulator;
  return {
    url,
    control_url: controlUrl,
    app_key: app.appKey,
    app_secret: shownSecret(simulator),
    service_id: app.serviceId,
    conversions,
    shops,
    skipped_lines: skipped,
  };
}

function sayReady(context: CommandContext, simulator: RunningSimulator): void {
  const { url, controlUrl, app, shops } = simulator;
  const { stdout } = context;
  const rows = shops.map((shop) => [shop.id, shop.name, shop.region, formatNumber(shop.orders)]);
  say(stdout, renderTable(['shop', 'name', 'region', '>orders'], rows));
  say(stdout, `The simulator is ready, its control API is at ${controlUrl}; Ctrl-C ends it. For Tideline:`);
  const variables = {
    TIKTOK_SHOP_API_URL: url,
    TIKTOK_SHOP_AUTH_URL: url,
    TIKTOK_SHOP_AUTHORIZE_URL: url,
    TIKTOK_SHOP_APP_KEY: app.appKey,
    TIKTOK_SHOP_APP_SECRET: shownSecret(simulator) ?? '(as given)',
    TIKTOK_SHOP_SERVICE_ID: app.serviceId,
    ...conversionVariables(simulator),
  };
  for (const [name, value] of Object.entries(variables)) say(stdout, `  export ${name}=${value}`);
}

/** Destinations of conversions, and the calendar that appointments come from. */
function conversionVariables({ url, conversions: { tiktok, meta, google_ads, acuity } }: RunningSimulator) {
  return {
    TIKTOK_EVENTS_API_URL: url,
    TIKTOK_PIXEL_ID: tiktok.pixel_ids[0],
    TIKTOK_ACCESS_TOKEN: tiktok.access_token,
    META_GRAPH_API_URL: url,
    META_PIXEL_ID: meta.pixel_ids[0],
    META_ACCESS_TOKEN: meta.access_token,
    GOOGLE_DATA_MANAGER_URL: url,
    GOOGLE_ADS_API_URL: url,
    GOOGLE_OAUTH_URL: url,
    GOOGLE_ADS_CUSTOMER_ID: google_ads.customer_id,
    GOOGLE_ADS_CONVERSION_ACTION: google_ads.conversion_actions[0],
    GOOGLE_ADS_DEVELOPER_TOKEN: google_ads.developer_token,
    GOOGLE_ADS_CLIENT_ID: google_ads.client_id,
    GOOGLE_ADS_CLIENT_SECRET: google_ads.client_secret,
    GOOGLE_ADS_REFRESH_TOKEN: google_ads.refresh_token,
    ACUITY_API_URL: url,
    ACUITY_USER_ID: acuity.user_id,
    ACUITY_API_KEY: acuity.api_key,
  };
}
