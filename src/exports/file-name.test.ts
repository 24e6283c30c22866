import { describe, expect, it } from 'vitest';
import { fileName } from './file-name.ts';

const parts = { shopId: 'shop-1', list: 'orders', filters: [], timeZone: '-08:00', format: 'csv' } as const;

describe('names of files', () => {
  it('say shop, list, filters and time zone', () => {
    expect(fileName(parts)).toBe('shop-1_orders_UTC-08-00.csv');
    const filters: [string, string][] = [
      ['created_ge', '2026-11-01T00:00:00Z'],
      ['status', 'COMPLETED'],
    ];
    expect(fileName({ ...parts, filters, timeZone: 'America/Los_Angeles', format: 'xlsx' })).toBe(
      'shop-1_orders_created-ge-2026-11-01T00-00-00Z_status-COMPLETED_America-Los-Angeles.xlsx',
    );
    expect(fileName({ ...parts, shopId: null, list: 'deliveries', timeZone: 'UTC' })).toBe(
      'deliveries_UTC.csv',
    );
  });

  it.each(['../../etc/passwd', 'a"; filename=x', 'Tee ü\r\nX-Header: 1', '日本', '.', 'x'.repeat(5_000)])(
    'stay harmless and short with %j',
    (search) => {
      const name = fileName({ ...parts, filters: [['search', search]] });
      expect(name).toMatch(/^shop-1_orders_[A-Za-z0-9.+_~-]*\.csv$/);
      expect(name.length).toBeLessThan(200);
    },
  );
});
