import { Pool } from 'undici';
import { printFigures } from './support/figures.ts';
import { fillShop } from './support/fill-shop.ts';
import { percentile, runOpenLoop } from './support/open-loop.ts';
import { makeOrderRequests, type OrderRequest, pick, type RequestKind } from './support/order-requests.ts';
import { type Rig, startRig } from './support/rig.ts';

const perSecond = 50;
/** Of twenty requests in a row: what they ask for. */
const mix: readonly RequestKind[] = [
  ...Array.from({ length: 10 }, (): RequestKind => 'list'),
  ...Array.from({ length: 4 }, (): RequestKind => 'detail'),
  ...Array.from({ length: 3 }, (): RequestKind => 'statistics of days'),
  ...Array.from({ length: 3 }, (): RequestKind => 'statistics with free filters'),
];
const goals: Record<RequestKind, number> = {
  list: 50,
  detail: 50,
  'statistics of days': 50,
  'statistics with free filters': 300,
};

/** `npm run bench -- orders-api [orders] [seconds]`: an open loop of 50 requests a second over all filters and sorts. */
export async function main(args: readonly string[] = []): Promise<number> {
  const orders = Number(args[0] ?? 370_200);
  const seconds = Number(args[1] ?? 60);
  const rig = await startRig({
    simulator: ['--orders-count', String(orders)],
    report: (line) => console.error(line),
  });
  try {
    await rig.connect();
    await fillShop(rig);
    const requests = await makeOrderRequests(rig.sql, 'shop-1');
    const { latencies, kinds, slowest } = await measure(rig, requests, seconds);
    const figures = Object.entries(goals).flatMap(([kind, goal]) => {
      const own = latencies.filter((_, nth) => kinds[nth] === kind);
      const p99 = percentile(own, 0.99);
      return [
        { name: `${kind}, median of ${own.length}`, value: `${percentile(own, 0.5).toFixed(1)} ms` },
        { name: `${kind}, p99`, value: `${p99.toFixed(1)} ms`, goal: `< ${goal} ms`, met: p99 < goal },
      ];
    });
    console.error(slowest.join('\n'));
    printFigures(
      `orders-api: ${orders} orders, ${perSecond} requests/s for ${seconds} s, every answer checked`,
      figures,
    );
    return 0;
  } finally {
    await rig.stop();
  }
}

async function measure(
  rig: Rig,
  requests: readonly OrderRequest[],
  seconds: number,
): Promise<{ latencies: number[]; kinds: RequestKind[]; slowest: string[] }> {
  const pool = new Pool(rig.apiUrl, { connections: 50, keepAliveTimeout: 1000 });
  const ask = async ({ kind, path, expected }: OrderRequest): Promise<void> => {
    const answer = await pool.request({
      method: 'GET',
      path,
      headers: { authorization: `Bearer ${rig.apiKey}` },
    });
    const text = await answer.body.text();
    const picked = answer.statusCode === 200 ? pick(kind, JSON.parse(text)) : `${answer.statusCode} ${text}`;
    if (picked !== expected) throw new Error(`${path}\n  answered ${picked}\n  expected ${expected}`);
  };
  try {
    // Each once, so that connections are open and code is compiled.
    for (const request of requests) await ask(request);
    const timetable = Array.from({ length: Math.round(perSecond * seconds) }, (_, nth) => {
      const kind = mix[(nth * 7) % mix.length];
      const own = requests.filter((request) => request.kind === kind);
      return own[(nth * 31) % own.length] as OrderRequest;
    });
    const latencies = await runOpenLoop({
      perSecond,
      seconds,
      request: (nth) => ask(timetable[nth] as OrderRequest),
    });
    const slowest = [...latencies.entries()]
      .sort(([, left], [, right]) => right - left)
      .slice(0, 15)
      .map(([nth, ms]) => `${ms.toFixed(1)} ms  ${timetable[nth]?.path}`);
    return { latencies, kinds: timetable.map((request) => request.kind), slowest };
  } finally {
    await pool.close();
  }
}
