import type { HttpClient, HttpRequest, HttpResponse } from '../../../http/request.ts';
import { createSellerCenterClient } from '../client.ts';
import { defaultPath, type SellerCenterConnection } from '../connection.ts';
import { readProductDay } from '../read-product-day.ts';
import { noSigner, type Signer } from '../signers/signer.ts';

export const connection: SellerCenterConnection = {
  baseUrl: 'https://seller-us.tiktok.com',
  path: defaultPath,
  sellerId: '7495000000000000001',
  cookie: 'sessionid_tiktokseller=s3cret; msToken=tok_en-1==; s_v_web_id=verify_abc_1',
  fp: 'verify_abc_1',
  userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36',
  locale: 'en',
  timeZoneName: 'America/Los_Angeles',
  timeZoneOffset: -28_800,
  region: 'US',
};

export type Played = Partial<Omit<HttpResponse, 'body'>> & { body?: string | object };

/** A seller center that answers by a script, without a network; the last answer stays. */
export function playedSellerCenter(...script: (Played | Error)[]) {
  const requests: HttpRequest[] = [];
  const logged: string[] = [];
  let paced = 0;
  const http: HttpClient = {
    async request(request) {
      requests.push(request);
      const played = script.length > 1 ? script.shift() : script[0];
      if (played === undefined || played instanceof Error) throw played ?? new Error('Nothing to play.');
      const { status = 200, headers = {}, body = '' } = played;
      return { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
    },
    close: async () => undefined,
  };
  const client = createSellerCenterClient({
    http,
    callLog: { record: (entry) => void logged.push(entry.outcome) },
    async pace() {
      paced += 1;
    },
    now: () => 1_795_000_000_123,
    retryWaitMs: 1,
  });
  return {
    requests,
    logged,
    pacedRequests: () => paced,
    readDay: (changes: Partial<SellerCenterConnection> = {}, signer: Signer = noSigner) =>
      readProductDay(client, {
        ...{ shopId: 'shop-1', runId: 'run_1', date: '2026-03-08', signer },
        connection: { ...connection, ...changes },
        signerSettings: { envcode: null, ubcode: null, canvas: null },
        signal: new AbortController().signal,
      }),
  };
}

const money = (amount: string | number, currency_code = 'USD') => ({
  amount,
  amount_formatted: `$${amount}`,
  currency_code,
});

/** An item of the product list in the dialect v2. */
export function item(id: string, gmv: string | number, orders: string | number = 1) {
  return {
    meta: { product_id: id, product_name: `Product ${id}`, product_status: 1, inventory_cnt: 5 },
    stats: { product_id: id, gmv: money(gmv), unit_sold_cnt: orders, order_cnt: orders },
  };
}

/** The same in the dialect v3. */
export function itemV3(id: string, gmv: string, orders: string) {
  return {
    meta: { product_id: id, product_name: `Product ${id}`, product_status: 0 },
    stats_v3: {
      total: {
        gmv: money(gmv, 'VND'),
        orders,
        items_sold: orders,
        product_impression_pv: '9',
        product_click_pv: 3,
      },
    },
  };
}

/** A good answer with one page. */
export function pageOf(items: unknown[], pagination: object): Played {
  const data = { items, list_control: { next_pagination: pagination } };
  return { body: { code: 0, message: 'success', data } };
}
