import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchCoverage } from '../../src/conversions/watch-coverage.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
  await api.sql`
    insert into destinations (destination_id, kind, name, settings)
    values ('tiktok', 'tiktok', 'TikTok', '{}'), ('meta', 'meta', 'Meta', '{}')`;
});

afterEach(async () => {
  await api.close();
});

let counter = 0;

async function accept(user: object, fields: object = {}): Promise<void> {
  counter += 1;
  const event = {
    event_id: `event-${counter}`,
    event_name: 'PURCHASE',
    event_time: Math.floor(Date.now() / 1_000),
    user,
    ...fields,
  };
  expect((await api.send('POST', '/api/v1/conversions', event)).status).toBe(202);
}

async function read<Body>(path: string): Promise<Body> {
  const response = await api.get(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Body;
}

describe('coverage', () => {
  interface Share {
    parameter: string;
    events: number;
    percent: number | null;
    previous_percent: number | null;
    target: number | null;
    dropped: boolean;
  }
  interface Coverage {
    events: number;
    parameters: Share[];
    by_event: { event_name: string; events: number; parameters: Share[] }[];
    by_day: { date: string; events: number }[];
    alerts: string[];
  }
  const coverage = (query = ''): Promise<Coverage> =>
    read(`/api/v1/conversions/coverage?destination=tiktok${query}`);
  const of = ({ parameters }: { parameters: Share[] }, name: string): Share | undefined =>
    parameters.find(({ parameter }) => parameter === name);

  it('is the share of events that carries each parameter, beside its target', async () => {
    await accept({ email: 'jo@example.com', ip: '203.0.113.7', ttclid: 'E.1' });
    await accept({ email: 'no address', ip: '10.0.0.1' });
    await accept({ email: ['b'.repeat(64)] }, { event_name: 'INITIATE_CHECKOUT' });
    await accept({ email: 'jo@example.com' }, { destinations: ['meta'] });
    const found = await coverage();
    expect(found.events).toBe(3);
    expect(of(found, 'email')).toEqual({
      parameter: 'email',
      events: 2,
      percent: 66.67,
      previous_percent: null,
      target: 100,
      dropped: false,
    });
    expect(of(found, 'ip')).toMatchObject({ events: 1, percent: 33.33, target: 95 });
    expect(of(found, 'ttclid')).toMatchObject({ events: 1, target: 35 });
    expect(of(found, 'gclid')).toMatchObject({ events: 0, percent: 0, target: null });
    expect(found.by_event.map(({ event_name, events }) => [event_name, events])).toEqual([
      ['INITIATE_CHECKOUT', 1],
      ['PURCHASE', 2],
    ]);
    expect(found.by_day.reduce((sum, { events }) => sum + events, 0)).toBe(3);
    expect((await coverage('&event_name=PURCHASE')).events).toBe(2);
  });

  it('tells that it has dropped', async () => {
    await accept({ email: 'jo@example.com' });
    await api.sql`update conversion_events set accepted_at = now() - interval '8 days'`;
    await accept({ ttp: 'x' });
    const found = await coverage();
    expect(of(found, 'email')).toMatchObject({ percent: 0, previous_percent: 100, dropped: true });
    expect(of(found, 'ttp')).toMatchObject({ percent: 100, previous_percent: 0, dropped: false });
    expect(found.alerts).toEqual(['email fell from 100 % to 0 % of the events; its target is 100 %.']);
  });

  it('is watched: a drop is one line in the log, and a handful of events is none', async () => {
    const lines: unknown[] = [];
    const log = { warn: (fields: unknown) => void lines.push(fields), debug: () => undefined };
    const watch = async (): Promise<void> => watchCoverage({ sql: api.sql, log })();
    for (let nth = 0; nth < 20; nth += 1) await accept({ email: 'jo@example.com' });
    await api.sql`update conversion_events set accepted_at = now() - interval '30 hours'`;
    for (let nth = 0; nth < 19; nth += 1) await accept({ ttp: 'x' });
    await watch();
    expect(lines).toEqual([]);
    await accept({ ttp: 'x' });
    await watch();
    expect(lines).toEqual(
      [
        { destination: 'tiktok', parameter: 'email', percent: 0, previousPercent: 100, target: 100 },
        { destination: 'meta', parameter: 'email', percent: 0, previousPercent: 100, target: 100 },
      ].sort((left, right) => (left.destination < right.destination ? -1 : 1)),
    );
  });

  it('is empty without events, and refuses what makes no sense', async () => {
    expect(of(await coverage(), 'email')).toMatchObject({ events: 0, percent: null });
    const path = '/api/v1/conversions/coverage';
    expect((await api.get(path)).status).toBe(400);
    expect((await api.get(`${path}?destination=nowhere`)).status).toBe(404);
    for (const range of ['from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'from=1990-01-01T00:00:00Z']) {
      expect((await api.get(`${path}?destination=tiktok&${range}`)).status).toBe(400);
    }
  });
});

describe('the ledger', () => {
  interface Row {
    destination: string;
    accepted: number;
    delivered: number;
    counted: number;
    waiting: number;
    expired: number;
    failed: Record<string, number>;
    skipped: Record<string, number>;
  }

  it('has every accepted event in exactly one of its sums', async () => {
    for (let index = 0; index < 8; index += 1) await accept({ ttp: 'x' });
    const settle = async (ordinals: number[], status: string, reason: string | null): Promise<void> => {
      await api.sql`
        update deliveries set status = ${status}, reason = ${reason}, next_attempt_at = null, platform_event = 'Purchase'
        where delivery_id in (
          select delivery_id from (
            select delivery_id, row_number() over (order by delivery_id) as ordinal from deliveries
            where destination_id = 'tiktok') as numbered
          where ordinal = any(${ordinals}))`;
    };
    await settle([1, 2], 'DELIVERED', null);
    await settle([3], 'SKIPPED', 'Duplicate of dlv_1');
    await settle([4], 'SKIPPED', 'Duplicate of dlv_2');
    await settle([5], 'SKIPPED', 'TIKTOK mock mode');
    await settle([6], 'FAILED', 'UNMATCHED');
    await settle([7], 'EXPIRED', 'Too old');
    const { data } = await read<{ data: Row[] }>('/api/v1/conversions/ledger');
    const sum = (rows: Row[], pick: (row: Row) => number): number =>
      rows.reduce((all, row) => all + pick(row), 0);
    const tiktok = data.filter(({ destination }) => destination === 'tiktok');
    expect(sum(tiktok, (row) => row.accepted)).toBe(8);
    expect(tiktok).toMatchObject([
      {
        delivered: 2,
        counted: 2,
        waiting: 1,
        expired: 1,
        failed: { UNMATCHED: 1 },
        skipped: { 'Duplicate of': 2, 'TIKTOK mock mode': 1 },
      },
    ]);
    const meta = await read<{ data: Row[] }>('/api/v1/conversions/ledger?destination=meta');
    expect(meta.data).toMatchObject([
      { destination: 'meta', accepted: 8, waiting: 8, delivered: 0, failed: {} },
    ]);
  });
});
