import type { Command } from 'commander';
import { readSimulateOptions, simulateOptions } from '../../../simulator/options.ts';
import { TidelineError } from '../../errors.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { printJson } from '../output.ts';
import { onStopSignals } from '../stop-signals.ts';
import { UsageError } from '../usage-error.ts';

/** What `tideline simulate --json` prints when it is ready. */
export interface SimulatorAddress {
  url: string;
  control_url: string;
  app_key: string;
  app_secret: string;
  service_id: string;
}

export function registerSimulate(program: Command, context: CommandContext): void {
  const command = program
    .command('simulate')
    .description('run a TikTok Shop that behaves, and misbehaves, as the real one does')
    .option('--json', 'print the address and the credentials as JSON when it is ready');
  for (const option of simulateOptions) command.option(option.flags, option.description);
  command.action(async (given: Record<string, unknown>) => {
    const options = usage(() => readSimulateOptions(given));
    const { startSimulator } = await import('../../../simulator/index.ts');
    const simulator = await startSimulator(options);
    const address: SimulatorAddress = {
      url: simulator.url,
      control_url: simulator.controlUrl,
      app_key: options.appKey,
      app_secret: options.appSecret,
      service_id: options.serviceId,
    };
    if (given.json === true) printJson(context.stdout, address);
    else sayReady(context, address);
    await new Promise<void>((resolve) => {
      onStopSignals(
        () => resolve(),
        () => process.exit(1),
      );
    });
    await simulator.stop();
  });
  examples(command, [
    ['tideline simulate --port 4010 --orders-count 370200', 'a big shop'],
    ['tideline simulate --orders orders.ndjson.gz --shift-to-now', 'orders of a file'],
    ['tideline simulate --rate-limit 10 --latency 200', 'a slow platform that throttles'],
  ]);
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

function sayReady(context: CommandContext, address: SimulatorAddress): void {
  say(context.stdout, `The simulator is ready: ${address.url} (Ctrl-C ends it). Point Tideline at it with`);
  const variables = {
    TIKTOK_SHOP_API_URL: address.url,
    TIKTOK_SHOP_AUTH_URL: address.url,
    TIKTOK_SHOP_AUTHORIZE_URL: address.url,
    TIKTOK_SHOP_APP_KEY: address.app_key,
    TIKTOK_SHOP_APP_SECRET: address.app_secret,
    TIKTOK_SHOP_SERVICE_ID: address.service_id,
  };
  for (const [name, value] of Object.entries(variables)) say(context.stdout, `  export ${name}=${value}`);
  say(context.stdout, `Its control API is at ${address.control_url}.`);
}
