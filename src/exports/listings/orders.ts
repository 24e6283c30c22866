import { fetchBatches } from '../../db/fetch-batches.ts';
import { searchOrders } from '../../db/queries/find-orders.ts';
import { orderOf } from '../../db/queries/find-page.ts';
import { readBrandNames } from '../../db/queries/order-brands.ts';
import type { Direction, OrderSort } from '../../db/queries/order-cursor.ts';
import { type OrderFilters, whereOrders } from '../../db/queries/order-filters.ts';
import { createLineReader } from '../../db/queries/order-lines.ts';
import { type OrderRow, summarize, summaryColumns } from '../../db/queries/orders.ts';
import { countOrders } from '../../db/reports/order-groups.ts';
import type { Listing } from '../listing.ts';

export interface OrderSelection {
  filters: OrderFilters;
  sort: OrderSort;
  direction: Direction;
}

/** Orders of a shop with their line items. */
export const orderListing: Listing<OrderSelection> = {
  name: 'orders',

  count: (scope, tx, { filters }) => countOrders(scope, tx, filters, searchOrders(scope, tx, filters)),

  async *rows(scope, tx, { filters, sort, direction }) {
    const found = await searchOrders(scope, tx, filters).find();
    const matching = whereOrders(scope, tx, { filters, found, reach: 'all' });
    const { order } = orderOf(tx, { sort, direction, after: null });
    const brands = await readBrandNames(scope, tx);
    const readLines = createLineReader();
    const batches = fetchBatches<OrderRow>(
      tx,
      tx`select ${summaryColumns(scope, tx)} from orders o where ${matching} ${order}`,
    );
    for await (const rows of batches) {
      yield rows.map((row) => {
        const order = summarize(row, readLines);
        order.brands = brands.of(order.line_items.map(({ product_id }) => product_id));
        return order;
      });
    }
  },
};
