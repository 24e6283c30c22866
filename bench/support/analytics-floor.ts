import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { Pool } from 'undici';
import { encodeQuery, sign } from '../../src/sources/tiktok-shop/signing.ts';
import type { UpstreamAccess } from './upstream-pages.ts';

const path = '/analytics/202509/shop_products/performance';
const columns = 'shop_id, date, product_id, gmv, items_sold, orders_count';

interface Product {
  id: string;
  overall_performance: { gmv: { amount: string }; orders: number; items_sold: number };
}

/** The driver leaves TCP's delays on, and a COPY waits for them: a floor that waits is none. */
async function connectWithoutDelay({ host, port }: { host: string[]; port: number[] }): Promise<Socket> {
  const socket = connect({ host: host[0], port: port[0] ?? 5432, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/**
 * The floor under every backfill of products on this machine: the same pages fetched, parsed, and their rows copied
 * into the same table with the same index; nothing is kept raw, compared, summed, guarded or repeated.
 */
export async function runAnalyticsFloor(
  databaseUrl: string,
  options: UpstreamAccess & { days: readonly { date: string; next: string }[]; lanes: number },
): Promise<{ seconds: number; rows: number; pages: number }> {
  const { lanes } = options;
  const sql = postgres(databaseUrl, { max: lanes, socket: connectWithoutDelay } as object);
  const idle = { keepAliveTimeout: 1_000, keepAliveMaxTimeout: 1_000 };
  const pool = new Pool(options.url, { connections: lanes, ...idle });
  const days = [...options.days];
  let pages = 0;
  let rows = 0;
  const fetchPage = async (
    date: string,
    next: string,
    token: string,
  ): Promise<{ products: Product[]; next_page_token?: string }> => {
    const query: Record<string, string> = {
      ...{ app_key: options.appKey, shop_cipher: options.shopCipher, page_size: '100' },
      ...{ timestamp: String(Math.floor(Date.now() / 1000)), start_date_ge: date, end_date_lt: next },
      ...(token === '' ? {} : { page_token: token }),
    };
    const { appSecret } = options;
    query.sign = sign({ appSecret, path, query, contentType: 'application/json', body: null });
    const response = await pool.request({
      method: 'GET',
      path: `${path}?${encodeQuery(query)}`,
      headers: { 'content-type': 'application/json', 'x-tts-access-token': options.accessToken },
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`The simulator answered ${response.statusCode}.`);
    return (JSON.parse(text) as { data: { products: Product[]; next_page_token?: string } }).data;
  };
  const copy = async (lines: readonly string[]): Promise<void> => {
    const stream = await sql.unsafe(`copy tideline.analytics_products (${columns}) from stdin`).writable();
    // The driver answers the end of a finished copy with "copy failed", which would hit the connection's next copy.
    stream._destroy = (error, callback) => callback(error);
    const finished = once(stream, 'finish');
    stream.end(`${lines.join('\n')}\n`);
    await finished;
  };
  const lane = async (): Promise<void> => {
    for (let day = days.pop(); day !== undefined; day = days.pop()) {
      const { date, next } = day;
      let token = '';
      do {
        const page = await fetchPage(date, next, token);
        token = page.next_page_token ?? '';
        pages += 1;
        rows += page.products.length;
        await copy(
          page.products.map(({ id, overall_performance: { gmv, items_sold: items, orders } }) =>
            ['shop-1', date, id, gmv.amount, items, orders].join('\t'),
          ),
        );
      } while (token !== '');
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  await sql.end();
  return { seconds, rows, pages };
}
