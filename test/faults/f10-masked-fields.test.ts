import { expect } from 'vitest';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';

const ofEach = 12;

fault(
  {
    id: 'F10',
    title: 'personal fields that are masked later stay known, those that are unmasked later become known',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_000, seed, simulator: ['--history-days', '40'] });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({ error: null });
    // Orders with a parcel, not delivered yet: TikTok shows their recipient, and he is kept.
    const rows = await rig.sql<{ id: string }[]>`
      select order_id as id from orders where status in ('AWAITING_COLLECTION', 'IN_TRANSIT')
      order by order_id limit ${2 * ofEach}`;
    expect(rows).toHaveLength(2 * ofEach);
    const ids = rows.map(({ id }) => id);
    const [maskedLater, unmaskedLater] = [ids.slice(0, ofEach), ids.slice(ofEach)];

    await rig.change('shop-1', 'unmask', 0, { ids: maskedLater });
    await rig.change('shop-1', 'mask', 0, { ids: unmaskedLater });
    // No plain copy was ever read of these.
    await rig.sql`delete from order_personal where order_id = any(${unmaskedLater})`;
    await rig.syncChanges();
    const known = await recipients(rig, maskedLater);
    for (const name of known) expect(name).toMatch(/^[^*]+$/);
    for (const name of await recipients(rig, unmaskedLater)) expect(name).toContain('*');

    await rig.change('shop-1', 'mask', 0, { ids: maskedLater });
    await rig.change('shop-1', 'unmask', 0, { ids: unmaskedLater });
    await rig.syncChanges();
    expect(await recipients(rig, maskedLater)).toEqual(known);
    for (const name of await recipients(rig, unmaskedLater)) expect(name).toMatch(/^[^*]+$/);

    // A full sync reads the masked copies once more.
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({ error: null });
    expect(await recipients(rig, maskedLater)).toEqual(known);
    return { done: `${2 * ofEach} orders masked and unmasked`, verdict: await rig.verdict() };
  },
);

/** Names of recipients as the API shows them to a key that may see them. */
async function recipients(rig: FaultRig, ids: readonly string[]): Promise<(string | undefined)[]> {
  return Promise.all(
    ids.map(async (id) => {
      const { personal } = await rig.api.get<{ personal: { recipient_address?: { name?: string } } | null }>(
        `/api/v1/shops/shop-1/orders/${id}`,
      );
      return personal?.recipient_address?.name;
    }),
  );
}
