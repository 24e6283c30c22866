import type { Transaction } from '../db/pool.ts';
import type { ShopScope } from '../db/queries/shop-scope.ts';
import type { ListRow } from './columns.ts';

/**
 * How the whole of a list is read for a file, page limits aside.
 *
 * `Selection` is what narrows and orders it: plain JSON, for exports in the background keep it. `Scope` is null for
 * lists that belong to no shop.
 */
export interface Listing<Selection, Scope extends ShopScope | null = ShopScope> {
  /** Kebab-case; in the names of files and sheets. */
  name: string;
  /** How many rows there will be; left out where that is not cheap to say. */
  count?(scope: Scope, tx: Transaction, selection: Selection): Promise<number>;
  /**
   * The rows that the JSON list shows, all of them in the asked order, a batch at a time. Everything is read in the
   * one snapshot of `tx`; stopping early ends the reading.
   */
  rows(scope: Scope, tx: Transaction, selection: Selection): AsyncIterable<readonly ListRow[]>;
}

/** A listing whose types were forgotten: its selection is its own. */
// biome-ignore lint/suspicious/noExplicitAny: only the listing itself knows the shape of its selection
export type AnyListing = Listing<any, any>;
