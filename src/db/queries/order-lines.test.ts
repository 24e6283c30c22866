import { describe, expect, it } from 'vitest';
import { groupLines, type Line } from './order-lines.ts';

function unit(skuId: string | null, unitPrice: string, name: string | null = 'Mug'): Line {
  return ['p', name, skuId, 'Blue', 'SKU', unitPrice];
}

describe('lines of an order', () => {
  it('are one for the units of a SKU at one price, however the price is written, in the order of their first units', () => {
    const lines = [
      unit('b', '1.10', null),
      unit('a', '2'),
      unit('b', '1.1'),
      unit('b', '1.11'),
      unit('a', '2.00'),
    ];
    expect(groupLines(lines)).toEqual([
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
    const lines: Line[] = [
      ['1', 'x', '2,3', null, null, '100'],
      ['1,2', 'x', '3', null, null, '100'],
      ['1', 'x', null, null, null, '10'],
      ['1', 'y', null, null, null, '10.0'],
    ];
    expect(groupLines(lines).map(({ quantity, amount }) => [quantity, amount])).toEqual([
      [1, '100'],
      [1, '100'],
      [2, '20'],
    ]);
    expect(groupLines([])).toEqual([]);
  });
});
