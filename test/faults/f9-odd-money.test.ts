import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { readTruth } from './support/lists.ts';

/** Enough for a currency without decimals: the simulator's fourth shop sells in yen. */
const shops = 5;
const poisons = ['money_exponent', 'money_grouped', 'money_negative', 'line_price_text'];

interface Statistics {
  total_orders: number;
  gmv: string;
  currency: string;
}

fault(
  {
    id: 'F9',
    title:
      'money that is no plain decimal is set aside, all other is exact, also in currencies without decimals',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 600, shops, seed });
    const currencies = new Set<string>();
    for (let shop = 1; shop <= shops; shop += 1) {
      const shopId = `shop-${shop}`;
      const ids: string[] = [];
      for (const poison of poisons) ids.push(...(await rig.change(shopId, 'poison', 3, { poison })));
      const run = await rig.finished((await rig.start(shopId, 'full')).run_id);
      expect(run).toMatchObject({ status: 'completed', error: null });
      expect(run.counts.quarantined).toBe(new Set(ids).size);
      currencies.add(await expectExactStatistics(rig, shopId));
    }
    expect([...currencies]).toEqual(expect.arrayContaining(['USD', 'JPY']));
    return {
      done: `${shops} shops with ${poisons.length} kinds of odd money, currencies ${[...currencies].sort().join(', ')}`,
      verdict: await rig.verdict(),
    };
  },
);

/** Holds the API's sums against upstream's orders, to the last decimal. Returns the currency. */
async function expectExactStatistics(rig: FaultRig, shopId: string): Promise<string> {
  const orders = (await readTruth(rig, shopId)).filter(({ quarantine }) => !quarantine);
  const statistics = await rig.api.get<Statistics>(`/api/v1/shops/${shopId}/orders/stats`);
  expect(statistics.total_orders).toBe(orders.length);
  const sold = orders.filter(({ status }) => status !== 'UNPAID');
  expect(thousandths(statistics.gmv)).toBe(
    sold.reduce((sum, { totalAmount }) => sum + thousandths(totalAmount ?? ''), 0n),
  );
  return statistics.currency;
}

/** A decimal as a whole number of thousandths. */
function thousandths(text: string): bigint {
  const [, whole = '', decimals = ''] = /^(\d+)(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  if (whole === '') throw new Error(`${text} is no plain decimal.`);
  return BigInt(whole + decimals.padEnd(3, '0'));
}
