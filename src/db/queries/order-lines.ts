import type postgres from 'postgres';
import { multiplyDecimal } from '../../decimal.ts';
import type { Sql, Transaction } from '../pool.ts';
import { readRecord, splitRecords } from '../record-text.ts';
import type { ShopScope } from './shop-scope.ts';

/** The units of one SKU at one price in an order; orders may share it. */
export interface LineGroup {
  readonly product_id: string | null;
  readonly product_name: string | null;
  readonly sku_id: string | null;
  readonly sku_name: string | null;
  readonly seller_sku: string | null;
  readonly quantity: number;
  readonly unit_price: string;
  readonly amount: string;
}

/** The column `lines` of `orders o`: units in the order in which TikTok lists them, null for an order without any. */
export function linesColumn(scope: ShopScope, sql: Sql | Transaction): postgres.PendingQuery<postgres.Row[]> {
  return sql`(
    select string_agg(
      row(l.product_id, l.product_name, l.sku_id, l.sku_name, l.seller_sku, l.unit_price)::text, '' order by l.position)
    from line_items l where l.shop_id = ${scope.shopId} and l.order_id = o.order_id) as lines`;
}

/** Reads what {@link linesColumn} gives: units of one SKU and price together, named as the first of them is. */
export type LineReader = (lines: string | null) => LineGroup[];

/** Units in {@link linesColumn}. */
type UnitRecord = readonly [
  product_id: string | null,
  product_name: string | null,
  sku_id: string | null,
  sku_name: string | null,
  seller_sku: string | null,
  unit_price: string,
];

/** A unit as the group that it is when no other one joins it. */
interface Unit {
  /** Of what belongs together. */
  key: string;
  group: LineGroup;
}

/** Shops have fewer products, at a few prices each; whatever sells at ever new prices is not kept for ever. */
const mostUnits = 10_000;

/**
 * Makes a reader for the orders of one list. Orders repeat the same few units, so each is read once, and orders share
 * what was made of it.
 */
export function createLineReader(): LineReader {
  const units = new Map<string, Unit>();
  const unitOf = (text: string): Unit => {
    let unit = units.get(text);
    if (unit === undefined) {
      unit = readUnit(text);
      if (units.size === mostUnits) units.clear();
      units.set(text, unit);
    }
    return unit;
  };
  return (lines) => {
    if (lines === null) return [];
    const [first, ...others] = splitRecords(lines).map(unitOf);
    if (first === undefined) return [];
    // Most orders hold one thing.
    return others.length === 0 ? [first.group] : groupUnits([first, ...others]);
  };
}

function readUnit(text: string): Unit {
  const record = readRecord(text) as unknown as UnitRecord;
  const [product_id, product_name, sku_id, sku_name, seller_sku, unit_price] = record;
  const group = { product_id, product_name, sku_id, sku_name, seller_sku, quantity: 1, unit_price };
  return {
    key: JSON.stringify([product_id, sku_id, withoutZeros(unit_price)]),
    group: Object.freeze({ ...group, amount: unit_price }),
  };
}

function groupUnits(units: readonly Unit[]): LineGroup[] {
  const groups = new Map<string, { group: LineGroup; quantity: number }>();
  for (const { key, group } of units) {
    const same = groups.get(key);
    if (same) same.quantity += 1;
    else groups.set(key, { group, quantity: 1 });
  }
  return Array.from(groups.values(), ({ group, quantity }) =>
    quantity === 1
      ? group
      : { ...group, quantity, amount: multiplyDecimal(group.unit_price, String(quantity)) },
  );
}

/** One text for each amount, however many zeros it is written with. */
function withoutZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
