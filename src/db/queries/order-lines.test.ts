import { describe, expect, it } from 'vitest';
import { createLineReader, type LineGroup } from './order-lines.ts';

type Unit = [product: string, name: string | null, sku: string | null, unitPrice: string];

/** The units as PostgreSQL writes them. */
function read(...units: Unit[]): LineGroup[] {
  const texts = units.map(([product, name, sku, price]) => `("${product}",${name},${sku},Blue,SKU,${price})`);
  return createLineReader()(texts.join('').replaceAll('null', '') || null);
}

describe('lines of an order', () => {
  it('are one for the units of a SKU at one price, however the price is written, in the order of their first units', () => {
    const groups = read(
      ['p', null, 'b', '1.10'],
      ['p', 'Mug', 'a', '2'],
      ['p', 'Mug', 'b', '1.1'],
      ['p', 'Mug', 'b', '1.11'],
      ['p', 'Mug', 'a', '2.00'],
    );
    expect(groups).toEqual([
      expect.objectContaining({
        sku_id: 'b',
        product_name: null,
        quantity: 2,
        unit_price: '1.10',
        amount: '2.20',
      }),
      expect.objectContaining({
        sku_id: 'a',
        product_name: 'Mug',
        quantity: 2,
        unit_price: '2',
        amount: '4',
      }),
      expect.objectContaining({ sku_id: 'b', quantity: 1, unit_price: '1.11', amount: '1.11' }),
    ]);
  });

  it('stay apart where names run into one another, and together where there is no SKU', () => {
    const groups = read(
      ['1', 'x', '"2,3"', '100'],
      ['1,2', 'x', '3', '100'],
      ['1', 'x', null, '10'],
      ['1', 'y', null, '10.0'],
    );
    expect(groups.map(({ quantity, amount }) => [quantity, amount])).toEqual([
      [1, '100'],
      [1, '100'],
      [2, '20'],
    ]);
    expect(read()).toEqual([]);
  });

  it('that orders repeat are the same group, and one that grew by another unit is not', () => {
    const readLines = createLineReader();
    const unit = '(p,Mug,s,,,1.50)';
    const [first] = readLines(unit);
    const [twice] = readLines(unit + unit);
    expect([first?.quantity, first?.amount, twice?.quantity, twice?.amount]).toEqual([1, '1.50', 2, '3.00']);
    expect(readLines(`${unit}(q,,,,,2)`)[0]).toBe(first);
    expect(readLines(unit)[0]).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('are read right however many different ones there are', () => {
    const readLines = createLineReader();
    for (let turn = 0; turn < 2; turn++) {
      for (let price = 0; price < 10_500; price++) {
        expect(readLines(`(p,Mug,s,,,${price})`)[0]?.amount).toBe(String(price));
      }
    }
  });
});
