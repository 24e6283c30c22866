import { SimulatorClock } from './clock.ts';
import { FaultScript } from './control/faults.ts';
import { Journal } from './control/journal.ts';
import { ConversionPlatforms } from './conversions/platforms.ts';
import type { SkippedLine } from './files/order-file.ts';
import type { SimulatorOptions } from './options.ts';
import { Grants } from './platform/grants.ts';
import { RateLimits } from './platform/rate-limit.ts';
import { createShops, type SimulatedShop } from './shops.ts';

/** The whole state of a running simulator; the routes read and change it, the control API changes it from outside. */
export interface Simulation {
  /** Read anew for every call: the control API changes some of them. */
  options: SimulatorOptions;
  clock: SimulatorClock;
  shops: SimulatedShop[];
  byCipher: Map<string, SimulatedShop>;
  grants: Grants;
  limits: RateLimits;
  faults: FaultScript;
  journal: Journal;
  /** TikTok, Meta and Google as they take conversions. */
  conversions: ConversionPlatforms;
  skipped: number;
  skippedLines: SkippedLine[];
}

export async function createSimulation(
  options: SimulatorOptions,
  reportSkipped: (line: SkippedLine) => void,
): Promise<Simulation> {
  const clock = new SimulatorClock();
  const created = await createShops(options, clock, reportSkipped);
  return {
    options,
    clock,
    shops: created.shops,
    byCipher: new Map(created.shops.map((shop) => [shop.cipher, shop])),
    grants: new Grants(created.shops, options, clock),
    limits: new RateLimits({ rate: options.rateLimit, burst: options.burst }, options.hourlyQuota),
    faults: new FaultScript(options.seed),
    journal: new Journal(options.journalSize),
    conversions: new ConversionPlatforms(clock),
    skipped: created.skipped,
    skippedLines: created.skippedLines,
  };
}
