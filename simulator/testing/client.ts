import { createHmac } from 'node:crypto';
import type { RunningSimulator } from '../index.ts';

/** The envelope as tests look at it. */
export interface Envelope {
  status: number;
  headers: Headers;
  code: number;
  message: string;
  data: {
    orders?: TestOrder[];
    next_page_token?: string;
    total_count?: number;
    shops?: { id: string; cipher: string }[];
    [name: string]: unknown;
  };
  text: string;
}

export interface TestOrder {
  id: string;
  status: string;
  create_time: number;
  update_time: number;
  tracking_number: string;
  user_id: string;
  payment: { total_amount: string; sub_total: string; currency: string };
  line_items: {
    id: string;
    sale_price: string;
    original_price: string;
    seller_discount: string;
    platform_discount: string;
  }[];
  recipient_address: { name: string };
  [name: string]: unknown;
}

export interface CallOptions {
  method?: string;
  query?: Record<string, string>;
  body?: string;
  cipher?: string | null;
  token?: string | null;
  /** Changes the signed query just before it is sent. */
  spoil?: (query: URLSearchParams) => void;
}

/** A small client of the platform for tests, signing by the rules on its own. */
export class TestClient {
  readonly simulator: RunningSimulator;
  accessToken = '';
  refreshToken = '';
  cipher = '';
  shopId = '';

  constructor(simulator: RunningSimulator) {
    this.simulator = simulator;
  }

  /** Goes through consent, token call and authorized shops; takes the first shop. */
  static async connect(simulator: RunningSimulator): Promise<TestClient> {
    const client = new TestClient(simulator);
    await client.control('POST', '/settings', { redirect_uri: 'http://127.0.0.1:9/callback' });
    const consent = await fetch(
      `${simulator.url}/open/authorize?service_id=${simulator.app.serviceId}&state=abc&auto=allow`,
      { redirect: 'manual' },
    );
    const code = new URL(consent.headers.get('location') ?? '').searchParams.get('code') ?? '';
    await client.token('get', { auth_code: code, grant_type: 'authorized_code' });
    const shops = await client.call('/authorization/202309/shops', { cipher: null });
    client.cipher = shops.data.shops?.[0]?.cipher ?? '';
    client.shopId = shops.data.shops?.[0]?.id ?? '';
    return client;
  }

  async token(kind: 'get' | 'refresh', query: Record<string, string>): Promise<Envelope> {
    const { appKey, appSecret } = this.simulator.app;
    const search = new URLSearchParams({ app_key: appKey, app_secret: appSecret, ...query });
    const envelope = await read(await fetch(`${this.simulator.url}/api/v2/token/${kind}?${search}`));
    if (envelope.code === 0) {
      this.accessToken = String(envelope.data.access_token);
      this.refreshToken = String(envelope.data.refresh_token);
    }
    return envelope;
  }

  async call(path: string, options: CallOptions = {}): Promise<Envelope> {
    const { appKey, appSecret } = this.simulator.app;
    const query = new URLSearchParams({
      ...options.query,
      app_key: appKey,
      timestamp: String(Math.floor(Date.now() / 1000)),
    });
    const cipher = options.cipher === undefined ? this.cipher : options.cipher;
    if (cipher !== null) query.set('shop_cipher', cipher);
    const names = [...new Set(query.keys())].sort();
    const base =
      appSecret +
      path +
      names.map((name) => name + query.get(name)).join('') +
      (options.body ?? '') +
      appSecret;
    query.set('sign', createHmac('sha256', appSecret).update(base).digest('hex'));
    options.spoil?.(query);
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    const token = options.token === undefined ? this.accessToken : options.token;
    if (token !== null) headers['x-tts-access-token'] = token;
    const response = await fetch(`${this.simulator.url}${path}?${query}`, {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      headers,
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    return read(response);
  }

  search(filter: Record<string, unknown> = {}, query: Record<string, string> = {}): Promise<Envelope> {
    return this.call('/order/202309/orders/search', {
      body: JSON.stringify(filter),
      query: { page_size: '100', ...query },
    });
  }

  /** All pages of a search; at most `most`, so that a loop ends. */
  async walk(
    filter: Record<string, unknown>,
    query: Record<string, string> = {},
    most = 1_000,
  ): Promise<TestOrder[]> {
    const orders: TestOrder[] = [];
    let token = '';
    for (let page = 0; page < most; page += 1) {
      const result = await this.search(filter, { ...query, ...(token === '' ? {} : { page_token: token }) });
      if (result.code !== 0) throw new Error(result.message);
      orders.push(...(result.data.orders ?? []));
      token = result.data.next_page_token ?? '';
      if (token === '') break;
    }
    return orders;
  }

  async control(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.simulator.controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  async truth(): Promise<Record<string, unknown>[]> {
    const text = await (await fetch(`${this.simulator.controlUrl}/shops/${this.shopId}/truth`)).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

async function read(response: Response): Promise<Envelope> {
  const text = await response.text();
  const value = (text.startsWith('{') ? JSON.parse(text) : {}) as Envelope;
  return { ...value, status: response.status, headers: response.headers, text };
}
