import { describe, expect, it } from 'vitest';
import { xBogus } from '../../../encryption/xbogus.ts';
import { isWhole } from '../../../encryption/xgnarly.ts';
import { HttpError } from '../../http/http-error.ts';
import { ApiError } from '../tiktok-shop/errors.ts';
import { endsSellerCenterRun, parkingCodes } from './classify.ts';
import { builtinSigner } from './signers/builtin.ts';
import {
  connection,
  item,
  itemV3,
  type Played,
  pageOf,
  playedSellerCenter,
} from './testing/played-seller-center.ts';

const bodyOf = ({ body }: { body?: Buffer | null }) => JSON.parse((body ?? '').toString()).request;
const lastPage = pageOf([item('1', '1962.29')], { has_more: false, total: 1 });

async function errorOf(reading: Promise<unknown>): Promise<ApiError> {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw error ?? new Error('It was read.');
  return error;
}

describe('a request', () => {
  it('asks for one day with an exclusive end, from page 0, in the order of the page itself', async () => {
    const upstream = playedSellerCenter(lastPage);
    await upstream.readDay();
    const [request] = upstream.requests;
    expect(request?.body?.toString()).toBe(
      '{"request":{"time_descriptor":{"start":"2026-03-08","end":"2026-03-09","timezone_offset":-28800},' +
        '"ccr_available_date":"2026-03-08","search":{"voc_statuses":[],"gmv_ranges":[]},"filter":{},' +
        '"list_control":{"rules":[{"direction":2,"field":"gmv"}],"pagination":{"size":50,"page":0}}}}',
    );
    expect(request?.url.href).toBe(
      'https://seller-us.tiktok.com/api/v2/insights/seller/ttp/product/list/v2?locale=en&language=en' +
        '&oec_seller_id=7495000000000000001&seller_id=7495000000000000001&aid=4068&app_name=i18n_ecom_shop' +
        '&fp=verify_abc_1&device_platform=web&cookie_enabled=true&screen_width=1512&screen_height=982' +
        '&browser_language=en&browser_platform=MacIntel&browser_name=Mozilla' +
        '&browser_version=5.0%20%28Macintosh%3B%20Intel%20Mac%20OS%20X%2010_15_7%29%20AppleWebKit%2F537.36' +
        '&browser_online=true&timezone_name=America%2FLos_Angeles&use_content_type_definition=1&msToken=tok_en-1==',
    );
    expect(request?.headers).toMatchObject({
      cookie: connection.cookie,
      'user-agent': connection.userAgent,
      origin: 'https://seller-us.tiktok.com',
      referer:
        'https://seller-us.tiktok.com/compass/product-analysis?shop_region=US&timeRange=2026-03-08%7C2026-03-09',
    });
  });

  it('asks in the other dialect by the path, and leaves out what the owner has not', async () => {
    const upstream = playedSellerCenter(lastPage);
    await upstream.readDay({ path: '/api/v3/insights/seller/ttp/product/list', cookie: 'a=b', fp: null });
    const [request] = upstream.requests;
    expect(bodyOf(request ?? {}).search).toEqual({ channel_type: 0 });
    expect(request?.url.search).not.toMatch(/fp=|msToken=/);
  });

  it.each(['seed-5.1.1', 'seller-5.1.0'] as const)('is signed as it is sent: %s', async (profile) => {
    const upstream = playedSellerCenter(lastPage);
    await upstream.readDay({}, builtinSigner(profile));
    const [request] = upstream.requests;
    const [, query = '', bogus, gnarly = ''] =
      /^\?(.*)&X-Bogus=([^&]+)&X-Gnarly=([^&]+)$/.exec(request?.url.search ?? '') ?? [];
    const texts = { query, body: request?.body?.toString() ?? '', userAgent: connection.userAgent };
    const seconds = 1_795_000_000;
    expect(query).toMatch(/msToken=tok_en-1==$/);
    expect(bogus).toBe(xBogus({ ...texts, seconds, envcode: 1, ubcode: 14, canvas: 1_245_783_967 }));
    expect(isWhole(gnarly, profile === 'seed-5.1.1' ? '5.1.1' : '5.1.0')).toBe(true);
  });

  it('does not go out when the signer throws, gives nothing, or gives what would break the query', async () => {
    const results = [null, {}, { append: [['a', 'b&c=d']] }, { append: [], headers: { cookie: 'x' } }];
    for (const result of results) {
      const upstream = playedSellerCenter(lastPage);
      const sign = () => result as { append: [] };
      const error = await errorOf(upstream.readDay({}, { id: 'own', sign }));
      expect([error.code, error.actor]).toEqual(['seller-center-signature-failed', 'user']);
      expect(upstream.requests).toHaveLength(0);
    }
  });
});

describe('a day', () => {
  it('is all its pages, each product once, figures exact', async () => {
    const upstream = playedSellerCenter(
      pageOf([item('9007199254740993', '1962.29', '70')], {
        has_more: true,
        page: 0,
        next_page: 1,
        total: 3,
      }),
      pageOf([item('2', 0.1), item('3', '', '')], { has_more: true, page: 7, total: 3 }),
      pageOf([], { has_more: true, total: 3 }),
    );
    const day = await upstream.readDay();
    expect(day.currency).toBe('USD');
    expect(day.products).toEqual([
      expect.objectContaining({
        ...{
          productId: '9007199254740993',
          title: 'Product 9007199254740993',
          status: 'ACTIVATE',
          stock: '5',
        },
        ...{ gmv: '1962.29', itemsSold: '70', ordersCount: '70' },
      }),
      expect.objectContaining({ productId: '2', gmv: '0.1', ordersCount: '1' }),
      expect.objectContaining({ productId: '3', gmv: null, ordersCount: null, itemsSold: null }),
    ]);
    expect(upstream.requests.map((request) => bodyOf(request).list_control.pagination.page)).toEqual([
      0, 1, 2,
    ]);
    expect(upstream.pacedRequests()).toBe(3);
    expect(upstream.logged).toEqual(['ok', 'ok', 'ok']);
  });

  it('is read in the dialect v3, by the number of pages', async () => {
    const upstream = playedSellerCenter(
      pageOf([itemV3('1', '138772', '4')], { total: 2, total_page: 2 }),
      pageOf([itemV3('2', '0', '0')], { total: 2, total_page: 2 }),
    );
    const { products, currency } = await upstream.readDay({
      path: '/api/v3/insights/seller/ttp/product/list',
    });
    expect(currency).toBe('VND');
    expect(products[0]).toEqual({
      ...{ productId: '1', title: 'Product 1', status: 'HIDDEN', imageUrl: null, stock: null, gmv: '138772' },
      ...{ itemsSold: '4', ordersCount: '4', productImpressions: '9', productClicks: '3' },
    });
    expect(products).toHaveLength(2);
  });

  it('ends without any word of pages when one was not full', async () => {
    const full = Array.from({ length: 50 }, (_, index) => item(`1${index}`, '1'));
    const upstream = playedSellerCenter(pageOf(full, {}), pageOf([item('2', '1')], {}));
    expect((await upstream.readDay()).products).toHaveLength(51);
  });

  it('is walked again where the list shifted while it was read', async () => {
    const upstream = playedSellerCenter(
      pageOf([item('1', '3'), item('2', '2')], { has_more: true, total: 3 }),
      pageOf([item('2', '2')], { has_more: false, total: 3 }),
      pageOf([item('1', '3'), item('3', '2')], { has_more: true, total: 3 }),
      pageOf([item('2', '2')], { has_more: false, total: 3 }),
    );
    expect((await upstream.readDay()).products.map(({ productId }) => productId)).toEqual(['1', '2', '3']);
  });

  it('is not given while products are missing from it', async () => {
    const upstream = playedSellerCenter(pageOf([item('1', '3')], { has_more: false, total: 2 }));
    expect((await errorOf(upstream.readDay())).code).toBe('seller-center-list-unstable');
    expect(upstream.requests).toHaveLength(3);
  });

  it('ends a list that never ends', async () => {
    const upstream = playedSellerCenter(pageOf([item('1', '3')], { has_more: true }));
    expect((await errorOf(upstream.readDay())).code).toBe('seller-center-list-unstable');
    expect(upstream.requests).toHaveLength(1_000);
  });

  it.each([
    ['no list', { body: { code: 0, message: 'success', data: {} } }],
    ['no data', { body: { code: 0, message: 'success' } }],
    ['a product without an id', pageOf([{ meta: {}, stats: {} }], {})],
    ['an amount with a comma', pageOf([item('1', '1,962.29')], {})],
    ['an amount with an exponent', pageOf([item('1', '1e3')], {})],
    ['a product with some of its figures', pageOf([item('1', '1', '')], {})],
    ['half an order', pageOf([item('1', '1', '1.5')], {})],
    ['two currencies', pageOf([item('1', '1'), itemV3('2', '1', '1')], {})],
  ])('is suspect, not zero, with %s', async (_name, played) => {
    const upstream = playedSellerCenter(played);
    const error = await errorOf(upstream.readDay());
    expect(error.code).toBe('seller-center-suspect');
    expect(endsSellerCenterRun(error)).toBe(false);
  });
});

describe('a refusal', () => {
  const code = (number: number | string, headers = {}): Played => ({
    headers,
    body: { code: number, message: 'no' },
  });

  it.each<[string, Played, string]>([
    ['"must log in"', code(98_001_002), 'seller-center-session-expired'],
    ['its code as a text', code('98001002'), 'seller-center-session-expired'],
    [
      'an older envelope',
      { body: { status_code: 10_008, status_msg: 'no' } },
      'seller-center-session-expired',
    ],
    ['98001008', code(98_001_008), 'seller-center-session-expired'],
    ['10000 alone', code(10_000), 'seller-center-session-expired'],
    ['a redirect', { status: 302, headers: { location: '/account/login' } }, 'seller-center-session-expired'],
    ['401', { status: 401 }, 'seller-center-session-expired'],
    ['403', { status: 403, body: 'no' }, 'seller-center-session-expired'],
    ['a page', { body: '<!DOCTYPE html><title>Seller</title>' }, 'seller-center-session-expired'],
    ['a word of login', { body: 'please log in first' }, 'seller-center-session-expired'],
    ['a human check', code(10_000, { 'bdturing-verify': 'x' }), 'seller-center-human-check'],
    [
      'one with a good answer',
      { ...lastPage, headers: { 'bdturing-verify': 'x' } },
      'seller-center-human-check',
    ],
    ['one with a redirect', { status: 302, headers: { 'bdturing-verify': '' } }, 'seller-center-human-check'],
  ])('%s parks the source after one request', async (_name, played, expected) => {
    const upstream = playedSellerCenter(played);
    const error = await errorOf(upstream.readDay());
    expect([error.code, error.actor]).toEqual([expected, 'user']);
    expect(error.action).toContain('browser');
    expect(parkingCodes).toContain(error.code);
    expect(endsSellerCenterRun(error)).toBe(true);
    expect(upstream.requests).toHaveLength(1);
  });

  it.each<[string, Played, string]>([
    ['an unknown path', { status: 404, body: '{"code":404}' }, 'seller-center-path-gone'],
    ['an unknown route', { body: 'No matching route' }, 'seller-center-path-gone'],
    ['a refused signature', { headers: { tt_orcas_res: '1' } }, 'seller-center-signature-refused'],
    ['"remove the plugin"', code(100_000), 'seller-center-blocked'],
  ])('%s ends the run after one request', async (_name, played, expected) => {
    const upstream = playedSellerCenter(played);
    const error = await errorOf(upstream.readDay());
    expect([error.code, error.actor]).toEqual([expected, 'user']);
    expect(endsSellerCenterRun(error)).toBe(true);
    expect(parkingCodes).not.toContain(error.code);
    expect(upstream.requests).toHaveLength(1);
  });

  it.each<[string, Played, string, number]>([
    ['bad parameters', code(98_001_004), 'seller-center-bad-parameters', 1],
    ['an unknown code', code(7), 'seller-center-refused', 1],
    ['a service behind it, for good', code(98_001_021), 'seller-center-downstream', 3],
    ['no words', { body: '' }, 'seller-center-unintelligible', 3],
    ['a list', { body: '[1]' }, 'seller-center-unintelligible', 3],
    ['no code', { body: '{}' }, 'seller-center-unintelligible', 3],
  ])('%s fails the day', async (_name, played, expected, requests) => {
    const upstream = playedSellerCenter(played);
    const error = await errorOf(upstream.readDay());
    expect([error.code, error.actor]).toEqual([expected, 'user']);
    expect(endsSellerCenterRun(error)).toBe(false);
    expect(upstream.requests).toHaveLength(requests);
  });

  it.each<[string, Played | Error, string]>([
    ['a throttle', { status: 429 }, 'seller-center-throttled'],
    ['a server error', { status: 503, body: '<html>busy</html>' }, 'seller-center-unavailable'],
    ['a broken connection', new HttpError('reset', 'The connection ended early.'), 'seller-center-reset'],
  ])('%s is tried three times and then left to wait', async (_name, played, expected) => {
    const upstream = playedSellerCenter(played);
    const error = await errorOf(upstream.readDay());
    expect([error.code, error.actor, error.retryAfterMs]).toEqual([expected, 'retry', 60_000]);
    expect(upstream.requests).toHaveLength(3);
    const healed = playedSellerCenter(played, played, lastPage);
    expect((await healed.readDay()).products).toHaveLength(1);
  });

  it('never tells the cookie', async () => {
    for (const played of [
      code(98_001_002),
      { body: connection.cookie },
      { status: 403, body: connection.cookie },
    ]) {
      const error = await errorOf(playedSellerCenter(played).readDay());
      expect(`${error.message} ${error.action} ${error.stack} ${JSON.stringify(error)}`).not.toContain(
        's3cret',
      );
    }
  });
});
