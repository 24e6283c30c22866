import { expect } from 'vitest';
import type { Rebuild } from '../../src/sync/rebuild-orders.ts';
import { runCommand } from '../support/command.ts';
import { fault } from './support/fault.ts';
import { readList } from './support/lists.ts';
import { embeddedEnvironment } from './support/own-start.ts';

const orders = 2_000;
const poisons = {
  money_exponent: 'payment.total_amount',
  money_grouped: 'payment.total_amount',
  payment_missing: 'payment',
  lines_retyped: 'line_items',
  line_price_text: 'line_items[0].sale_price',
};

interface SetAside {
  record_id: string;
  path: string;
  reason: string;
  run_id: string | null;
}

fault(
  {
    id: 'F4',
    title:
      'poisoned orders among good ones: they alone are set aside with path and reason, and come back when well',
    times: { quick: 6, full: 40 },
  },
  async ({ rig: start, seed, times }) => {
    const rig = await start({ orders, seed });
    const poisoned = new Map<string, string>();
    for (const [poison, path] of Object.entries(poisons)) {
      for (const id of await rig.change('shop-1', 'poison', times, { poison })) poisoned.set(id, path);
    }
    const { run_id: runId } = await rig.start('shop-1', 'full');
    const run = await rig.finished(runId);
    expect(run).toMatchObject({ status: 'completed', error: null });
    expect(run.counts.quarantined).toBe(poisoned.size);
    const aside = await readList<SetAside>(rig, '/api/v1/shops/shop-1/quarantine');
    expect(new Map(aside.map(({ record_id: id, path }) => [id, path]))).toEqual(poisoned);
    for (const record of aside)
      expect(record).toMatchObject({ run_id: runId, reason: expect.stringMatching(/\w/) });
    expect(await rig.verdict()).toMatchObject({ lost: 0, doubled: 0, differences: [] });

    // Tried again from the pages that were kept: without a call, and still at fault.
    const calls = (await rig.journal()).length;
    const rebuilt = await runCommand(['rebuild', 'orders', '--json'], embeddedEnvironment(rig));
    expect(rebuilt, rebuilt.stderr).toMatchObject({ code: 0 });
    const { rebuilt: rows, still_quarantined: still } = JSON.parse(rebuilt.stdout) as Rebuild;
    expect({ rows, still }).toEqual({ rows: orders - poisoned.size, still: poisoned.size });
    expect(await rig.journal()).toHaveLength(calls);

    await rig.change('shop-1', 'heal', 0, { ids: [...poisoned.keys()] });
    expect(await rig.syncChanges()).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
    expect(await readList(rig, '/api/v1/shops/shop-1/quarantine')).toEqual([]);
    return {
      done: `${poisoned.size} poisoned orders among ${orders}, rebuilt from kept pages, then healed`,
      verdict: await rig.verdict(),
    };
  },
);
