import { Pool } from 'undici';
import { addDays, type Day } from '../src/analytics/calendar.ts';
import type { Sql } from '../src/db/pool.ts';
import { seedProductFigures } from './support/analytics-seed.ts';
import { median, printFigures } from './support/figures.ts';
import { percentile, runOpenLoop } from './support/open-loop.ts';
import { type Rig, startRig } from './support/rig.ts';

const spans = [30, 90, 365, 730] as const;
const perSecond = 50;
const shopId = 'shop-1';
/** A range may end on any of so many days, so that its ends lie anywhere in their months. */
const ends = 30;

interface Query {
  days: number;
  from: Day;
  last: Day;
  minimum: number;
}

/**
 * `npm run bench -- analytics-query [products] [seconds]`: the first page by GMV with `min_gmv` over ranges of 30 to
 * 730 days, each beside the plain sum over its daily rows, then 50 requests a second of all of them.
 */
export async function main(args: readonly string[] = []): Promise<number> {
  const products = Number(args[0] ?? 10_000);
  const seconds = Number(args[1] ?? 60);
  const behind = '2026-11-21';
  const rig = await startRig({
    simulator: ['--orders-count', '1'],
    report: (line) => console.error(line),
  });
  try {
    await rig.connect();
    await rig.sql`update shops set sync_enabled = false`;
    console.error(`Writing ${products} products × ${730 + ends} days…`);
    await seedProductFigures(rig.sql, { shopId, products, days: 730 + ends, behind });
    const queries = spans.map((days) =>
      Array.from({ length: ends }, (_, nth): Query => {
        const last = addDays(behind, -1 - ((nth * 7) % ends));
        return { days, from: addDays(last, 1 - days), last, minimum: days * 10 };
      }),
    );
    const pool = new Pool(rig.apiUrl, { connections: 50, keepAliveTimeout: 1000 });
    try {
      const figures = await measure(rig, pool, queries, seconds);
      printFigures(
        `analytics-query: ${products} products, first page by GMV with min_gmv, ${ends} different ranges of each length`,
        figures,
      );
    } finally {
      await pool.close();
    }
    return 0;
  } finally {
    await rig.stop();
  }
}

async function measure(rig: Rig, pool: Pool, queries: readonly Query[][], seconds: number) {
  // Each once, against the plain sum: what is measured is right.
  const plain: number[] = [];
  for (const of of queries) {
    for (const query of [of[0], of[11], of[23]]) {
      if (query === undefined) continue;
      const startedAt = performance.now();
      const expected = await plainSums(rig.sql, query);
      if (query.days === 365) plain.push(performance.now() - startedAt);
      const answered = await ask(rig, pool, query);
      if (answered !== expected)
        throw new Error(`${path(query)}\n  answered ${answered}\n  expected ${expected}`);
    }
  }
  const latencies = new Map<number, number[]>();
  for (let nth = 0; nth < ends * 2; nth++) {
    for (const of of queries) {
      const query = of[nth % ends] as Query;
      const startedAt = performance.now();
      await ask(rig, pool, query);
      latencies.set(query.days, [...(latencies.get(query.days) ?? []), performance.now() - startedAt]);
    }
  }
  const p95 = (days: number): number => percentile(latencies.get(days) ?? [], 0.95);
  const timetable = queries[0]?.flatMap((_, nth) => queries.map((of) => of[nth] as Query)) ?? [];
  const loop = await runOpenLoop({
    perSecond,
    seconds,
    request: async (nth) => void (await ask(rig, pool, timetable[nth % timetable.length] as Query)),
  });
  const growth = p95(365) / p95(30);
  const gain = median(plain) / median(latencies.get(365) ?? []);
  const p99 = percentile(loop, 0.99);
  return [
    ...spans.map((days) => ({
      name: `${days} days, p95 of the first page`,
      value: `${p95(days).toFixed(1)} ms`,
    })),
    { name: '365 days over 30 days', value: growth.toFixed(2), goal: '≤ 1.5', met: growth <= 1.5 },
    { name: '365 days, plain GROUP BY over the daily rows, median', value: `${median(plain).toFixed(0)} ms` },
    { name: '365 days, times faster than that', value: gain.toFixed(1), goal: '≥ 20', met: gain >= 20 },
    {
      name: `${perSecond} requests/s for ${seconds} s, median`,
      value: `${percentile(loop, 0.5).toFixed(1)} ms`,
    },
    {
      name: `${perSecond} requests/s for ${seconds} s, p99`,
      value: `${p99.toFixed(1)} ms`,
      goal: '< 50 ms',
      met: p99 < 50,
    },
  ];
}

const path = ({ from, last, minimum }: Query): string =>
  `/api/v1/tik_tok_shops/${shopId}/product_analytics?start_date=${from}&end_date=${last}&min_gmv=${minimum}&sort=gmv`;

/** The first page, as ids with their GMV in cents. */
async function ask(rig: Rig, pool: Pool, query: Query): Promise<string> {
  const headers = { authorization: `Bearer ${rig.apiKey}` };
  const answer = await pool.request({ method: 'GET', path: path(query), headers });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${path(query)}: ${answer.statusCode} ${text}`);
  const { data } = JSON.parse(text) as { data: { external_id: string; gmv: number }[] };
  return data.map(({ external_id, gmv }) => `${external_id} ${Math.round(gmv * 100)}`).join(', ');
}

/** The floor: the same page from nothing but the daily rows. */
async function plainSums(sql: Sql, { from, last, minimum }: Query): Promise<string> {
  const rows = await sql<{ product_id: string; cents: string }[]>`
    select product_id, (sum(gmv) * 100)::bigint::text as cents, sum(items_sold), sum(orders_count)
    from analytics_products where shop_id = ${shopId} and date >= ${from} and date <= ${last}
    group by product_id having sum(gmv) >= ${minimum} order by sum(gmv) desc, product_id limit 50`;
  return rows.map(({ product_id, cents }) => `${product_id} ${cents}`).join(', ');
}
