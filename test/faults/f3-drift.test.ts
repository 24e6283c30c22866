import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import { readList } from './support/lists.ts';

const ofEach = 15;

fault(
  {
    id: 'F3',
    title:
      'new fields, new statuses, fields that are missing or of another type: recorded, shown, no run fails',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 2_000, seed });
    const kinds = ['new_fields', 'new_status', 'payment_missing', 'lines_retyped'];
    const ids: string[] = [];
    for (const poison of kinds) ids.push(...(await rig.change('shop-1', 'poison', ofEach, { poison })));
    const { run_id: runId } = await rig.start('shop-1', 'full');
    expect(await rig.finished(runId)).toMatchObject({ status: 'completed', error: null });

    await rig.until(async () => (await drift()).length >= 6, 'drift is recorded');
    const found = await drift();
    const paths = found.map(({ kind, path }) => `${kind} ${path}`);
    expect(paths).toEqual(
      expect.arrayContaining([
        'unknown hologram_seal',
        'unknown line_items[].scent',
        'unknown payment.moon_tax',
        'new_value status',
        'missing payment',
        'retyped line_items',
      ]),
    );
    expect(new Set(paths).size).toBe(paths.length);
    // Shapes only: what a field held is nobody's business.
    expect(JSON.stringify(found)).not.toMatch(/foil|0\.25|0\.01/);

    const unreadable = await aside();
    expect(new Set(unreadable.map(({ path }) => path))).toEqual(new Set(['payment', 'line_items']));
    const verdict = await rig.verdict();
    await rig.change('shop-1', 'heal', 0, { ids });
    expect(await rig.syncChanges()).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });
    expect(await aside()).toEqual([]);
    expect(verdict.differences).toEqual([]);
    return {
      done: `full sync with ${kinds.length} kinds of drift, then healed`,
      verdict: await rig.verdict(),
      note: `${found.length} findings, ${unreadable.length} orders set aside meanwhile`,
    };

    function drift(): Promise<{ kind: string; path: string }[]> {
      return readList(rig, '/api/v1/shops/shop-1/drift');
    }

    function aside(): Promise<{ path: string }[]> {
      return readList(rig, '/api/v1/shops/shop-1/quarantine');
    }
  },
);
