import { changeOrders } from './control/changes.ts';
import { RandomSequence } from './random.ts';
import type { Simulation } from './simulation.ts';

const beatMs = 500;

/** Lets orders come in and change by themselves at the set rate, until the returned function is called. */
export function startTraffic(simulation: Simulation): () => void {
  const random = new RandomSequence(simulation.options.seed + 1);
  const owed = new Map(simulation.shops.map((shop) => [shop.id, 0]));
  const timer = setInterval(() => {
    const step = (simulation.options.traffic * beatMs) / 60_000;
    if (step === 0) return;
    for (const shop of simulation.shops) {
      const due = (owed.get(shop.id) ?? 0) + step * 2 * random.next();
      const count = Math.floor(due);
      owed.set(shop.id, due - count);
      for (let nth = 0; nth < count; nth += 1) {
        const kind = random.next() < 0.4 ? 'new' : 'mixed';
        changeOrders(
          shop,
          { count: 1, kind, ids: null, delaySeconds: 0, poison: 'emoji' },
          simulation.clock.now(),
          random,
        );
      }
    }
  }, beatMs);
  return () => clearInterval(timer);
}
