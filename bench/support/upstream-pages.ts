import { Pool } from 'undici';
import { encodeQuery, sign } from '../../src/sources/tiktok-shop/signing.ts';
import { cutRange } from '../../src/sync/slicing.ts';

/** What the comparisons need to read a shop's orders without the engine. */
export interface UpstreamAccess {
  url: string;
  appKey: string;
  appSecret: string;
  accessToken: string;
  shopCipher: string;
}

export interface ReadPagesOptions extends UpstreamAccess {
  lanes: number;
  /** Unix seconds, half-open. */
  from: number;
  to: number;
  slices: number;
  onPage(text: string): Promise<void>;
}

const path = '/order/202309/orders/search';
const tokenPattern = /"next_page_token"\s*:\s*"((?:[^"\\]|\\.)*)"/;

function nextToken(text: string): string | null {
  const token = tokenPattern.exec(text)?.[1];
  return token === undefined || token === '' ? null : (JSON.parse(`"${token}"`) as string);
}

/** Reads every page of a range in lanes, in the same slices as the engine, and hands on each page's text. */
export async function readPages(options: ReadPagesOptions): Promise<{ pages: number }> {
  // An idle connection is given up long before the simulator closes it under a request.
  const idle = { keepAliveTimeout: 1_000, keepAliveMaxTimeout: 1_000 };
  const pool = new Pool(options.url, { connections: options.lanes, ...idle });
  const slices = cutRange({ from: options.from, to: options.to }, options.slices);
  let pages = 0;
  const fetchPage = async (from: number, to: number, token: string | null): Promise<string> => {
    const body = JSON.stringify({ create_time_ge: from, create_time_lt: to });
    const query: Record<string, string> = {
      app_key: options.appKey,
      timestamp: String(Math.floor(Date.now() / 1000)),
      shop_cipher: options.shopCipher,
      page_size: '100',
      sort_field: 'create_time',
      sort_order: 'ASC',
      ...(token === null ? {} : { page_token: token }),
    };
    const { appSecret } = options;
    query.sign = sign({ appSecret, path, query, contentType: 'application/json', body });
    const response = await pool.request({
      method: 'POST',
      path: `${path}?${encodeQuery(query)}`,
      headers: { 'content-type': 'application/json', 'x-tts-access-token': options.accessToken },
      body,
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`The simulator answered ${response.statusCode}.`);
    return text;
  };
  const lane = async (): Promise<void> => {
    for (let slice = slices.pop(); slice !== undefined; slice = slices.pop()) {
      let token: string | null = null;
      do {
        const text = await fetchPage(slice.from, slice.to, token);
        pages += 1;
        token = nextToken(text);
        await options.onPage(text);
      } while (token !== null);
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  await pool.close();
  return { pages };
}
