import { expect } from 'vitest';
import { fault } from './support/fault.ts';

/** What becomes of the first line's product name: only what PostgreSQL cannot hold is replaced. */
const names = {
  nul_in_name: 'Mug\ufffd with NUL',
  lone_surrogate: 'Cut emoji \ufffd mug',
  emoji: '🧿 Mug ﷽ עברית',
};
/** The same for the name of the recipient. */
const recipients = {
  nul_in_name: 'Nul\ufffdPlaceholder',
  lone_surrogate: 'Half \ufffd Placeholder',
  emoji: '🌊 مثال 𝓟laceholder \u202e',
};
type Kind = keyof typeof names;
const ofEach = 10;

interface Detail {
  line_items: { product_name: string }[];
  personal: { recipient_address?: { name?: string } } | null;
}

fault(
  {
    id: 'F8',
    title:
      'NUL, lone surrogates, emoji and right-to-left text: stored, replaced only where it must be, shown alike',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders: 1_000, seed, simulator: ['--history-days', '40'] });
    expect(await rig.finished((await rig.start('shop-1', 'full')).run_id)).toMatchObject({ error: null });
    // Orders that are open: their personal fields are kept.
    const open = await rig.sql<{ id: string }[]>`
      select order_id as id from orders where status in ('AWAITING_SHIPMENT', 'AWAITING_COLLECTION', 'IN_TRANSIT')
      order by order_id limit ${3 * ofEach}`;
    expect(open).toHaveLength(3 * ofEach);
    const poisoned = new Map<string, Kind>();
    for (const [nth, poison] of (Object.keys(names) as Kind[]).entries()) {
      const ids = open.slice(nth * ofEach, (nth + 1) * ofEach).map(({ id }) => id);
      for (const id of await rig.change('shop-1', 'poison', 0, { ids, poison })) poisoned.set(id, poison);
    }
    expect(await rig.syncChanges()).toMatchObject({ status: 'completed', counts: { quarantined: 0 } });

    for (const [id, kind] of poisoned) {
      const { line_items: lines, personal } = await rig.api.get<Detail>(`/api/v1/shops/shop-1/orders/${id}`);
      expect(lines[0]?.product_name).toBe(names[kind]);
      expect(personal?.recipient_address?.name).toBe(recipients[kind]);
    }
    return { done: `${poisoned.size} orders with odd text in names`, verdict: await rig.verdict() };
  },
);
