import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, daysBetween } from '../../src/analytics/calendar.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  expectEqual,
  type FiguresAtRandom,
  first,
  idOf,
  type Row,
  streamsUnderTest,
  toCents,
  writeFiguresAtRandom,
} from '../support/figures-at-random.ts';

let api: TestApi;
let figures: FiguresAtRandom;
let shopIds: FiguresAtRandom['shopIds'];
let next: FiguresAtRandom['next'];

beforeAll(async () => {
  api = await startTestApi();
  figures = await writeFiguresAtRandom(api);
  ({ shopIds, next } = figures);
});
afterAll(() => api.close());

describe('sums in lists of figures', () => {
  it('are exact to the cent over any range, granularity, filter, order and page size', async () => {
    for (let round = 0; round < 120; round++) {
      const stream = streamsUnderTest[next(streamsUnderTest.length)] ?? 'shop';
      const series = stream === 'shop' || stream === 'hourly';
      const from = addDays(first, next(420) - 10);
      const to = addDays(from, 1 + next(next(3) === 0 ? 5 : 420));
      const granularity = ([null, 'day', 'week', 'month'] as const)[next(4)] ?? null;
      const both = next(3) === 0;
      const shopId = shopIds[next(2)] ?? '';
      const other = shopIds.find((id) => id !== shopId) ?? '';
      const minimum = next(2) === 0 ? `${next(3000)}.${String(next(100)).padStart(2, '0')}` : null;
      const sorts = ['gmv', ...(granularity === null && !series ? [] : ['date']), 'items_sold'];
      const sort = sorts[next(sorts.length)] ?? 'gmv';
      const order = next(2) === 0 ? 'asc' : 'desc';
      const path =
        `/api/v1/shops/${shopId}/analytics/${stream}?start_date=${from}&end_date=${addDays(to, -1)}` +
        `&sort=${sort}&order=${order}${granularity === null ? '' : `&granularity=${granularity}`}` +
        `${both ? `&shops=${other}` : ''}${minimum === null ? '' : `&min_gmv=${minimum}`}`;
      const rows = await figures.readAll(path, 1 + next(60));
      const sums = figures.addUp({
        ...{ stream, shops: both ? [shopId, other] : [shopId], from, to },
        granularity: granularity ?? (series ? 'day' : null),
      });
      for (const [id, sum] of sums) {
        const gmv = sum.figures.gmv ?? null;
        if (minimum !== null && (gmv === null || gmv < toCents(minimum))) sums.delete(id);
      }
      expect(rows.length, path).toBe(sums.size);
      expect(new Set(rows.map((row) => idOf(stream, row))).size, path).toBe(rows.length);
      for (const row of rows) expectEqual(stream, row, sums.get(idOf(stream, row)), path);
      const values = rows.map((row) => (sort === 'date' ? row.date : row[sort]) ?? null);
      const known = values.filter((value) => value !== null);
      expect(
        values.slice(known.length).every((value) => value === null),
        path,
      ).toBe(true);
      const sorted = known.toSorted((a, b) => {
        const less = sort === 'date' ? String(a) < String(b) : toCents(a) < toCents(b);
        const same = sort === 'date' ? a === b : toCents(a) === toCents(b);
        return same ? 0 : less === (order === 'asc') ? -1 : 1;
      });
      expect(known, path).toEqual(sorted);
    }
  });

  it('are compared with the period before, and the year before', async () => {
    for (let round = 0; round < 30; round++) {
      const stream = streamsUnderTest[next(streamsUnderTest.length)] ?? 'shop';
      const series = stream === 'shop' || stream === 'hourly';
      const shopId = shopIds[0] ?? '';
      const from = addDays('2026-03-01', next(200));
      const to = addDays(from, 1 + next(60));
      const compare = next(2) === 0 ? 'previous_period' : 'previous_year';
      const path = `/api/v1/shops/${shopId}/analytics/${stream}?start_date=${from}&end_date=${addDays(to, -1)}&compare=${compare}`;
      const rows = await figures.readAll(path, 40);
      const back = compare === 'previous_period' ? daysBetween(from, to) : 365;
      for (const row of rows) {
        const start = series ? addDays(String(row.date), -back) : addDays(from, -back);
        const end = series ? addDays(start, 1) : addDays(to, -back);
        const [, ownShop, key] = JSON.parse(idOf(stream, row)) as [string, string, string];
        const asked = { stream, shops: [shopId], from: start, to: end, granularity: null };
        const before = figures.addUp(asked).get(JSON.stringify(['', ownShop, key]));
        const previous = row.previous as Row;
        if (before === undefined) expect(Object.values(previous).every((value) => value === null)).toBe(true);
        else expectEqual(stream, previous, before, path);
        const [now, then] = [row.gmv, previous.gmv];
        const change = (row.change as Row).gmv;
        if (now === null || then === null || Number(then) === 0) expect(change).toBeNull();
        else expect(change).toBeCloseTo(((Number(now) - Number(then)) / Math.abs(Number(then))) * 100, 1);
      }
    }
  });

  it('say how many of the days compared with are known, for each list and the key figures', async () => {
    const [shop = ''] = shopIds;
    // Random days were written of each stream, so that few ranges are known as a whole.
    const [from, last] = [addDays(first, 120), addDays(first, 149)];
    const coverageOf = async (path: string, part: 'coverage' | 'previous_coverage') => {
      const response = await api.get(`/api/v1/shops/${shop}/${path}`);
      expect(response.status, path).toBe(200);
      return ((await response.json()) as Record<string, { days: number; days_read: number }[] | undefined>)[
        part
      ];
    };
    const range = `start_date=${from}&end_date=${last}`;
    const before = `start_date=${addDays(from, -30)}&end_date=${addDays(last, -30)}`;
    const yearBefore = `start_date=${addDays(from, -365)}&end_date=${addDays(last, -365)}`;
    for (const list of [
      ...streamsUnderTest.map((stream) => `analytics/${stream}`),
      'analytics/brands',
      'kpis',
    ]) {
      const compared = await coverageOf(`${list}?${range}&compare=previous_period`, 'previous_coverage');
      expect(compared, list).toEqual(await coverageOf(`${list}?${before}`, 'coverage'));
      expect(compared?.[0], list).toMatchObject({ days: 30 });
      const early = await coverageOf(`${list}?${range}&compare=previous_year`, 'previous_coverage');
      expect(early, list).toEqual(await coverageOf(`${list}?${yearBefore}`, 'coverage'));
    }
    expect(await coverageOf(`analytics/shop?${range}`, 'previous_coverage')).toBeUndefined();
  });
});
