import { expect } from 'vitest';
import type { Erasure } from '../../src/privacy/erasures.ts';
import { fault } from './support/fault.ts';
import type { FaultRig } from './support/fault-rig.ts';
import { databasePlaces, findTraces } from './support/traces.ts';

const orders = 1_500;

interface PersonalOrder {
  buyer_id: string;
  personal: { buyer_nickname: string; buyer_email: string; recipient_address: { name: string } } | null;
}

fault(
  {
    id: 'K14',
    title:
      'a buyer and a shop are erased while they sync: nothing of them can be read, and nothing comes back',
  },
  async ({ rig: start, seed }) => {
    const rig = await start({ orders, shops: 2, seed });
    for (const shopId of ['shop-1', 'shop-2']) {
      const { run_id: runId } = await rig.start(shopId, 'full');
      expect(await rig.finished(runId)).toMatchObject({ status: 'completed' });
    }
    const { buyer_id: buyer, personal } = await someBuyer(rig, 'shop-1');
    const traces = [buyer, personal?.buyer_email ?? ''];
    expect(traces.every((trace) => trace.length > 8)).toBe(true);
    expect(findTraces(await databasePlaces(rig.sql), [buyer])).not.toEqual([]);

    // While a full sync is on, so that pages are in flight.
    await rig.settings({ latency: 300 });
    const running = await rig.start('shop-1', 'full');
    await rig.until(async () => (await rig.fetched(running.run_id)) > 0, 'pages are read');
    const erased = await rig.api.post<Erasure>('/api/v1/shops/shop-1/buyer_erasures', { buyer_id: buyer });
    expect(erased).toMatchObject({ status: 'finished' });
    expect(erased.report?.changed.orders).toBeGreaterThan(0);
    await rig.settings({ latency: 0 });
    expect(await rig.finished(running.run_id)).toMatchObject({ status: 'completed' });
    await rig.change('shop-1', 'unmask', orders);
    const again = await rig.start('shop-1', 'incremental');
    expect(await rig.finished(again.run_id)).toMatchObject({ status: 'completed' });
    expect(findTraces(await databasePlaces(rig.sql), traces)).toEqual([]);

    const other = await someBuyer(rig, 'shop-2');
    const [shop] = await rig.sql<{ id: string; name: string; key: number }[]>`
      select tiktok_shop_id as id, name, data_key_id as key from shops where shop_id = 'shop-2'`;
    const asked = await fetchErasure(rig, 'shop-2');
    await rig.until(async () => (await readErasure(rig, asked)).status === 'finished', 'shop-2 is erased');
    expect((await readErasure(rig, asked)).report?.deleted).toMatchObject({ orders, shops: 1 });
    expect(await rig.sql`select 1 from data_keys where data_key_id = ${shop?.key ?? 0}`).toHaveLength(0);
    const ofShop = [shop?.id ?? '', shop?.name ?? '', other.buyer_id];
    expect(findTraces(await databasePlaces(rig.sql), ofShop)).toEqual([]);
    await expect(rig.temporal.schedule.getHandle('orderSync/shop-2').describe()).rejects.toThrow();
    await rig.record('shopErasure', 'shopErasure/shop-2');
    await rig.temporal.workflow.execute('dataRetention', {
      taskQueue: 'tideline',
      workflowId: 'dataRetention/test',
      args: [],
    });
    await rig.record('dataRetention', 'dataRetention/test');
    return {
      done: `a buyer of ${orders} orders erased during a full sync, then a shop of ${orders} orders`,
      verdict: await rig.verdict(),
    };
  },
);

/** One whose personal fields are stored. */
async function someBuyer(rig: FaultRig, shopId: string): Promise<PersonalOrder> {
  const [stored] = await rig.sql<{ id: string }[]>`
    select order_id as id from order_personal where shop_id = ${shopId} order by order_id limit 1`;
  return rig.api.get<PersonalOrder>(`/api/v1/shops/${shopId}/orders/${stored?.id}`);
}

async function fetchErasure(rig: FaultRig, shopId: string): Promise<string> {
  const { erasure_id: id } = await rig.api.delete<Erasure>(`/api/v1/shops/${shopId}?erase=true`);
  return id ?? '';
}

function readErasure(rig: FaultRig, id: string): Promise<Erasure> {
  return rig.api.get<Erasure>(`/api/v1/erasures/${id}`);
}
