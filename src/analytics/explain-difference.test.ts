import { describe, expect, it } from 'vitest';
import { explainDifference } from './explain-difference.ts';
import { fittingOffset } from './fitting-offset.ts';

const plain = { cancelled: '30.00', inOtherZone: null, earlier: [] };
const nothing = { cancelled: '0.00', time_zone: '0.00', restated: '0.00', other: '0.00' };

describe('the difference of orders and TikTok', () => {
  it('is none where they agree, whatever was cancelled or restated', () => {
    expect(explainDifference({ ...plain, orders: '100.00', tiktok: '100.00', earlier: ['90.00'] })).toEqual(
      nothing,
    );
  });

  it('is of cancelled orders where TikTok leaves them out', () => {
    expect(explainDifference({ ...plain, orders: '100.00', tiktok: '70.00' })).toEqual({
      ...nothing,
      cancelled: '30.00',
    });
    expect(explainDifference({ ...plain, orders: '100.00', tiktok: '69.99' })).toEqual({
      ...nothing,
      cancelled: '30.00',
      other: '0.01',
    });
  });

  it('is not of cancelled orders where these bring the two no nearer', () => {
    expect(explainDifference({ ...plain, orders: '100.00', tiktok: '85.00' })).toEqual({
      ...nothing,
      other: '15.00',
    });
    expect(explainDifference({ ...plain, orders: '100.00', tiktok: '130.00' })).toEqual({
      ...nothing,
      other: '-30.00',
    });
  });

  it('is of another time zone, and there of what is cancelled', () => {
    const inOtherZone = { orders: '80.00', cancelled: '5.00' };
    expect(explainDifference({ ...plain, orders: '100.00', tiktok: '75.00', inOtherZone })).toEqual({
      ...nothing,
      time_zone: '20.00',
      cancelled: '5.00',
    });
  });

  it('is of a figure that was restated, measured by the earlier one that is nearest', () => {
    const earlier = ['10.00', '99.00', '60.00'];
    expect(
      explainDifference({ ...plain, cancelled: '0', orders: '100.00', tiktok: '58.50', earlier }),
    ).toEqual({
      ...nothing,
      restated: '40.50',
      other: '1.00',
    });
  });

  it('keeps every digit', () => {
    const { other } = explainDifference({ ...plain, orders: '90071992547409930.01', tiktok: '0.02' });
    expect(other).toBe('90071992547409899.99');
  });
});

describe('the offset that fits', () => {
  const days = (...numbers: number[]) => new Set(numbers.map((number) => `2026-03-0${number}`));

  it('is the one of the days around, once two of them bear witness', () => {
    const atOffset = new Map([
      [-420, days(4, 5, 6)],
      [-360, days(4, 5)],
      [60, days(9)],
    ]);
    expect(fittingOffset('2026-03-03', { inShopZone: days(1, 2), atOffset })).toBe(-420);
    expect(fittingOffset('2026-03-03', { inShopZone: days(1, 2, 3), atOffset })).toBe(null);
    expect(fittingOffset('2026-03-08', { inShopZone: days(), atOffset })).toBe(-420);
    expect(fittingOffset('2026-03-31', { inShopZone: days(), atOffset })).toBe(null);
  });
});
