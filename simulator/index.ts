import { TidelineError } from '../src/errors.ts';
import { credentials } from './conversions/platforms.ts';
import type { SkippedLine } from './files/order-file.ts';
import { defaultOptions, type SimulatorOptions } from './options.ts';
import { createSimulatorServer } from './server.ts';
import { createSimulation } from './simulation.ts';
import { startTraffic } from './traffic.ts';

export {
  type AnalyticsComparison,
  compareAnalytics,
  formatAnalyticsComparison,
} from './analytics-checker.ts';
export { type Comparison, compareWithSimulator, formatComparison } from './checker.ts';
export {
  type ConversionComparison,
  compareConversions,
  formatConversions,
} from './conversion-checker.ts';
export {
  type OptionDescription,
  readSimulateOptions,
  type SimulatorOptions,
  simulateOptions,
} from './options.ts';
export {
  compareProducts,
  formatProducts,
  type ProductComparison,
} from './product-checker.ts';

export interface RunningSimulator {
  /** Origin of the platform's API, its token calls and its consent page. */
  url: string;
  /** `url` + `/control`. */
  controlUrl: string;
  shops: { id: string; name: string; region: string; currency: string; orders: number }[];
  app: { appKey: string; appSecret: string; serviceId: string };
  /** Of the platforms that take conversions, all of them at `url`, and of the calendar of appointments. */
  conversions: typeof credentials;
  /** Lines of the order file that did not fit; the first hundred with their reasons. */
  skipped: number;
  skippedLines: SkippedLine[];
  /** Closes every connection and ends the traffic. */
  stop(): Promise<void>;
}

/**
 * Starts a stand-in of TikTok Shop on real sockets.
 *
 * @param report gets a sentence for each of the first hundred lines of an order file that are skipped, their number, and
 *   any defect of the simulator; standard error by default.
 * Throws a {@link TidelineError} when the order file cannot be used or the port is taken.
 */
export async function startSimulator(
  given: Partial<SimulatorOptions> = {},
  report: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<RunningSimulator> {
  const options = { ...defaultOptions, ...given };
  const simulation = await createSimulation(options, ({ number, reason }) =>
    report(`Line ${number} of the order file is skipped: ${reason}`),
  );
  if (simulation.skipped > 0) report(`${simulation.skipped} lines of the order file are skipped in all.`);
  const server = createSimulatorServer(simulation, (error) =>
    report(`defect: ${error instanceof Error ? error.stack : String(error)}`),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  }).catch((cause: unknown) => {
    throw new TidelineError({
      code: 'simulator-cannot-listen',
      message: `The simulator cannot listen on ${options.host}:${options.port}: ${cause instanceof Error ? cause.message : String(cause)}`,
      actor: 'user',
      action: 'Choose another port, or 0 for a free one.',
      cause,
    });
  });
  const stopTraffic = startTraffic(simulation);
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `http://${host}:${port}`;
  return {
    url,
    controlUrl: `${url}/control`,
    shops: simulation.shops.map(({ id, name, region, currency, orders }) => ({
      id,
      name,
      region,
      currency,
      orders: orders.count,
    })),
    app: { appKey: options.appKey, appSecret: options.appSecret, serviceId: options.serviceId },
    conversions: credentials,
    skipped: simulation.skipped,
    skippedLines: simulation.skippedLines,
    async stop() {
      stopTraffic();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
