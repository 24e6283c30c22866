import { type ChildProcess, fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type RunningSimulator, startSimulator } from '../simulator/index.ts';

/**
 * How fast the simulator serves 370,200 orders, and in how much memory: it must never be what a measurement of the
 * engine waits for. It runs in a process of its own, as in the demo and the other measurements.
 *
 * Arguments: number of orders, or a file of orders.
 */
const subject = process.argv[2] ?? '370200';
const lanes = 8;

if (process.send !== undefined) {
  const ordersFile = /^\d+$/.test(subject) ? null : subject;
  const ordersCount = ordersFile === null ? Number(subject) : 0;
  const running = await startSimulator({
    ordersCount,
    ordersFile,
    seed: 7,
    redirectUri: 'http://127.0.0.1/callback',
  });
  process.send({ url: running.url, controlUrl: running.controlUrl, app: running.app });
  process.once('disconnect', () => running.stop());
} else {
  const child = fork(fileURLToPath(import.meta.url), [subject]);
  try {
    await measure(child);
  } finally {
    child.disconnect();
  }
}

type Address = Pick<RunningSimulator, 'url' | 'controlUrl' | 'app'>;

async function measure(child: ChildProcess): Promise<void> {
  const startedAt = performance.now();
  const [simulator] = (await once(child, 'message')) as [Address];
  const { appKey, appSecret, serviceId } = simulator.app;
  const { shops } = (await (await fetch(`${simulator.controlUrl}/shops`)).json()) as {
    shops: { id: string; cipher: string; orders: number }[];
  };
  const [shop] = shops;
  if (shop === undefined) throw new Error('the simulator has no shop');
  const { id: shopId, cipher } = shop;
  const startMs = Math.round(performance.now() - startedAt);
  console.log(`started in ${startMs} ms: ${shop.orders} orders, RSS ${(await use()).rss_mb} MB`);

  const consent = await fetch(`${simulator.url}/open/authorize?service_id=${serviceId}&state=s&auto=allow`, {
    redirect: 'manual',
  });
  const code = new URL(consent.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const tokenQuery = new URLSearchParams({
    app_key: appKey,
    app_secret: appSecret,
    auth_code: code,
    grant_type: 'authorized_code',
  });
  const tokens = (await (await fetch(`${simulator.url}/api/v2/token/get?${tokenQuery}`)).json()) as {
    data: { access_token: string };
  };
  const accessToken = tokens.data.access_token;

  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const path = '/order/202309/orders/search';

  /** One signed page; the body is looked at for its token only, so that the client costs little. */
  function page(body: string, token: string): Promise<{ next: string; bytes: number; body: Buffer }> {
    const query: Record<string, string> = {
      app_key: appKey,
      page_size: '100',
      ...(token === '' ? {} : { page_token: token }),
      shop_cipher: cipher,
      sort_field: 'create_time',
      sort_order: 'ASC',
      timestamp: String(Math.floor(Date.now() / 1000)),
    };
    const signed = Object.keys(query)
      .sort()
      .map((name) => name + query[name])
      .join('');
    const sign = createHmac('sha256', appSecret)
      .update(appSecret + path + signed + body + appSecret)
      .digest('hex');
    return new Promise((resolve, reject) => {
      const target = `${simulator.url}${path}?${new URLSearchParams({ ...query, sign })}`;
      const headers = { 'content-type': 'application/json', 'x-tts-access-token': accessToken };
      request(target, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(chunks);
          const tail = whole.subarray(-200).toString('latin1');
          const next = /"next_page_token":"([^"]*)"/.exec(tail)?.[1];
          if (next === undefined) reject(new Error(`no page: ${whole.subarray(0, 300).toString()}`));
          else resolve({ next, bytes: whole.length, body: whole });
        });
      })
        .on('error', reject)
        .end(body);
    });
  }

  const truthStart = performance.now();
  let firstTime = Number.MAX_SAFE_INTEGER;
  let lastTime = 0;
  const times: number[] = [];
  for (const line of (await (await fetch(`${simulator.controlUrl}/shops/${shopId}/truth`)).text()).split(
    '\n',
  )) {
    if (line === '') continue;
    const { create_time: time } = JSON.parse(line) as { create_time: number };
    times.push(time);
    firstTime = Math.min(firstTime, time);
    lastTime = Math.max(lastTime, time);
  }
  console.log(`truth of ${times.length} orders in ${Math.round(performance.now() - truthStart)} ms`);
  times.sort((left, right) => left - right);

  const cuts = Array.from({ length: lanes + 1 }, (_, lane) =>
    lane === lanes ? lastTime + 1 : (times[Math.floor((times.length * lane) / lanes)] ?? 0),
  );
  let pages = 0;
  let bytes = 0;
  const walkStart = performance.now();
  const before = await use();
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const body = JSON.stringify({ create_time_ge: cuts[lane], create_time_lt: cuts[lane + 1] });
      let token = '';
      do {
        const result = await page(body, token);
        pages += 1;
        bytes += result.bytes;
        token = result.next;
      } while (token !== '');
    }),
  );
  const seconds = (performance.now() - walkStart) / 1000;
  const after = await use();
  console.log(
    `${pages} pages in ${seconds.toFixed(1)} s: ${Math.round(pages / seconds)} pages/s, ${Math.round(bytes / seconds / 1e6)} MB/s`,
  );
  console.log(
    `${Math.round(bytes / times.length)} bytes an order; the simulator: ${((after.cpu_ms - before.cpu_ms) / pages).toFixed(2)} ms CPU a page (${Math.round((1000 * pages) / (after.cpu_ms - before.cpu_ms))} pages/s on a whole core), RSS ${after.rss_mb} MB`,
  );
  agent.destroy();

  async function use(): Promise<{ rss_mb: number; cpu_ms: number }> {
    return (await (await fetch(`${simulator.controlUrl}/statistics`)).json()) as {
      rss_mb: number;
      cpu_ms: number;
    };
  }
}
