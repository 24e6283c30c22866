import { describe, expect, it } from 'vitest';
import type { AnalyticsRequest } from './chain.ts';
import { openApiStreams } from './index.ts';
import { dayOf, dollars, follow } from './testing/follow.ts';

const video = (id: string, gmv: string): string =>
  `{"id":"${id}","username":"kim","gmv":${dollars(gmv)},"sku_orders":1,"items_sold":${gmv === '0.00' ? 0 : 2},"views":30}`;
const videos = (token: string, ...rows: string[]): string =>
  `{"latest_available_date":"2026-03-03","videos":[${rows.join(',')}],"next_page_token":"${token}"}`;
const places = (requests: readonly AnalyticsRequest[]): (string | undefined)[] =>
  requests.map(({ parameters }) => Object.values(parameters ?? {})[0]);

describe('overviews', () => {
  it('are one call and one row, their rates in percent', () => {
    const day = dayOf();
    const interval = `{"start_date":"2026-03-01","end_date":"2026-03-02","gmv":${dollars('9.90')},"sku_orders":3,
      "items_sold":4,"customers":2,"click_through_rate":"0.0528","click_to_order_rate":"0.5"}`;
    const { rows, requests } = follow(
      openApiStreams.live_overview(day),
      () => `{"latest_available_date":"2026-03-03","performance":{"intervals":[${interval}]}}`,
    );
    expect(requests).toMatchObject([
      { query: { account_type: 'ALL', granularity: '1D', start_date_ge: '2026-03-01' } },
    ]);
    expect(rows.rows).toMatchObject([
      { gmv: '9.90', items_sold: '4', click_through_rate: '5.2800', click_to_order_rate: '50.0' },
    ]);
    expect(day.notes.findings()).toEqual([]);
  });

  it('without what is expected are noted, and what was not told stays unknown', () => {
    const day = dayOf();
    const { rows } = follow(
      openApiStreams.video_overview(day),
      () => `{"performance":{"intervals":[{"gmv":${dollars('1.00')},"holograms":4}]}}`,
    );
    expect(rows.rows).toMatchObject([{ gmv: '1.00', sku_orders: null, customers: null }]);
    expect(day.notes.findings().map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'unknown performance.intervals[].holograms',
      'missing performance.intervals[].sku_orders',
    ]);
  });
});

describe('products of a video', () => {
  const sold = (id: string, gmv: string): string =>
    `{"id":"${id}","name":"Tea","gmv":${dollars(gmv)},"units_sold":2,"daily_avg_buyers":1}`;

  it('are asked for of the videos that sold, and the list is left at the first that did not', () => {
    const { rows, requests } = follow(openApiStreams.video_products(dayOf()), ({ parameters, query }) => {
      if (parameters?.video_id === '7312345678901234567')
        return `{"products":[${sold('1729592969712207999', '3.00')},${sold('5', '1.00')}]}`;
      if (parameters?.video_id !== undefined) return '{"products":[]}';
      expect(query).toMatchObject({ sort_field: 'gmv', sort_order: 'DESC' });
      return videos('more', video('7312345678901234567', '4.00'), video('2', '1.00'), video('3', '0.00'));
    });
    expect(places(requests)).toEqual([undefined, '7312345678901234567', '2']);
    expect(rows).toMatchObject({
      currency: 'USD',
      latestAvailableDate: '2026-03-03',
      rows: [
        { video_id: '7312345678901234567', product_id: '1729592969712207999', gmv: '3.00', items_sold: '2' },
        { video_id: '7312345678901234567', product_id: '5', customers: '1' },
      ],
    });
  });

  it('are asked for of all that sold where the list does not keep to its order', () => {
    const { requests } = follow(openApiStreams.video_products(dayOf()), ({ parameters, query }) => {
      if (parameters?.video_id !== undefined) return '{"products":[]}';
      if (query?.page_token === undefined)
        return videos('more', video('1', '1.00'), video('2', '4.00'), video('3', '0.00'));
      return videos('', video('4', '8.00'));
    });
    expect(places(requests)).toEqual([undefined, undefined, '1', '2', '4']);
  });

  it('in another currency, and those that cannot be read, are set aside with their video', () => {
    const { rows } = follow(openApiStreams.video_products(dayOf()), ({ parameters }) => {
      if (parameters?.video_id === undefined) return videos('', video('1', '4.00'), video('2', '1.00'));
      if (parameters.video_id === '1') return `{"products":[${sold('5', '3.00')},{"name":"no id"}]}`;
      return '{"products":[{"id":"6","gmv":{"amount":"1.00","currency":"EUR"},"units_sold":1}]}';
    });
    expect(rows.rows).toHaveLength(1);
    expect(rows.aside).toMatchObject([
      { recordId: '1/products[]#1', reason: 'missing' },
      { recordId: '2', reason: 'in another currency than the rest of its day' },
    ]);
  });
});

describe('products of a session', () => {
  const session = (id: string, started: number, gmv: string, gmv24: string): string =>
    `{"id":"${id}","start_time":"${started}","end_time":"${started + 7200}","sales_performance":{"gmv":${dollars(gmv)},"24h_live_gmv":${dollars(gmv24)},"items_sold":0}}`;

  it('are asked for once, under the day on which it began, where it sold at all', () => {
    const [from, before] = [1772352000, 1772351000];
    const { rows, requests } = follow(openApiStreams.live_products(dayOf()), ({ parameters }) => {
      if (parameters?.live_id === undefined)
        return `{"live_stream_sessions":[${session('8', before, '5.00', '5.00')},${session('9', from, '0.00', '4.00')},${session('10', from, '0.00', '0.00')}]}`;
      return `{"products":[{"id":"1729592969712207999","name":"Tea","sales":{"direct_gmv":${dollars('4.00')},"items_sold":2,"main_orders":1},
        "traffic":{"product_impressions":50,"produt_clicks":7,"ctr":"0.14"}}]}`;
    });
    expect(places(requests)).toEqual([undefined, '9']);
    // The endpoint takes no dates and has no pages.
    expect(requests[1]?.query).toEqual({});
    expect(rows.rows).toMatchObject([
      {
        live_id: '9',
        product_id: '1729592969712207999',
        gmv: '4.00',
        orders_count: '1',
        product_clicks: '7',
      },
    ]);
  });
});

describe('details', () => {
  it('of a product are its figures by channel, and who and what sold it', () => {
    const day = dayOf();
    const listed = `{"id":"1729592969712207999","overall_performance":{"gmv":${dollars('9.00')},"orders":2,"items_sold":3}}`;
    const performance = `{"intervals":[{"start_date":"2026-03-01","end_date":"2026-03-02",
      "sales":{"gmv":${dollars('9.00')},"orders":2,"items_sold":3,"breakdowns":[{"content_type":"LIVE","sales":{"gmv":${dollars('4.00')},"items_sold":1,"avg_customers":1}}]},
      "traffic":{"breakdowns":[{"content_type":"LIVE","traffic":{"impressions":90,"page_views":40,"avg_unique_page_views":30,"ctr":"0.1","avg_conversion_rate":"0.05"}}]},
      "cancel_and_refunds":{"canceled":1,"returned":0,"refunded":1,"replacements":0}}],
      "ratings":[{"stars":"5_STAR","count":12,"percentage":"0.75"}],
      "top_contents":[{"type":"VIDEO","contents":[{"content_id":"7312345678901234567","gmv":${dollars('2.00')},"items_sold":1}]}],
      "top_creators":[{"creator_open_id":"x","creator_name":"kim","creator_profile":"https://images.invalid/kim","gmv":${dollars('6.00')},"items_sold":2}],
      "hologram":1}`;
    const { rows } = follow(openApiStreams.product_details(day), ({ parameters }) =>
      parameters === undefined
        ? `{"products":[${listed}],"next_page_token":""}`
        : `{"latest_available_date":"2026-03-03","performance":${performance}}`,
    );
    const [row] = rows.rows;
    expect(row).toMatchObject({
      product_id: '1729592969712207999',
      gmv: '9.00',
      canceled_count: '1',
      live_gmv: '4.00',
      live_visitors: '30',
      live_click_through_rate: '10.0',
      live_conversion_rate: '5.00',
      video_gmv: null,
    });
    expect(JSON.parse(String(row?.ratings))).toEqual([{ stars: '5_STAR', count: '12', percentage: '75.00' }]);
    expect(JSON.parse(String(row?.top_contents))).toEqual([
      { type: 'VIDEO', content_id: '7312345678901234567', gmv: '2.00', items_sold: '1' },
    ]);
    expect(JSON.parse(String(row?.top_creators))).toEqual([{ creator: 'kim', gmv: '6.00', items_sold: '2' }]);
    expect(day.notes.findings().map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'unknown performance.hologram',
    ]);
  });

  it('of a SKU and of a video are read alike, with exact ids', () => {
    const skuOf = (id: string): string =>
      `{"id":${id},"product_id":1729592969712207999,"gmv":${dollars('1.10')},"sku_orders":1,"units_sold":1}`;
    const sku = follow(openApiStreams.sku_details(dayOf()), ({ parameters }) =>
      parameters === undefined
        ? `{"skus":[${skuOf('9007199254740993')}]}`
        : `{"performance":{"sku_id":9007199254740993,"product_id":"1","intervals":[{"gmv":${dollars('1.10')},"gmv_breakdown":[{"amount":"1.10","currency":"USD","type":"VIDEO"}],
          "items_sold":1,"items_sold_breakdown":[{"amount":1,"type":"VIDEO"}],"sku_orders":1}]}}`,
    );
    expect(sku.requests[1]?.parameters).toEqual({ sku_id: '9007199254740993' });
    expect(sku.rows.rows).toMatchObject([
      { sku_id: '9007199254740993', video_gmv: '1.10', video_items_sold: '1', live_gmv: null },
    ]);
    const detail = follow(openApiStreams.video_details(dayOf()), ({ parameters }) =>
      parameters === undefined
        ? videos('', video('7312345678901234567', '4.00'))
        : `{"performance":{"intervals":[{"sales":{"overall":{"gmv":${dollars('4.00')},"customers":2,"items_sold":3,"product_clicks":5}},"traffic":{"views":70}}],
          "viewer_profile":[{"type":"VIEWERS","gender_distribution":[{"key":"FEMALE","percentage":"0.61"}]}]}}`,
    );
    expect(detail.rows.rows).toMatchObject([
      {
        ...{ video_id: '7312345678901234567', gmv: '4.00', views: '70', product_clicks: '5', likes: null },
        viewer_profile: JSON.stringify([
          { viewers: 'VIEWERS', trait: 'gender', value: 'FEMALE', percentage: '61.00' },
        ]),
      },
    ]);
  });

  it('that say nothing of the day have no row', () => {
    const nothing = follow(openApiStreams.video_details(dayOf()), ({ parameters }) =>
      parameters === undefined ? videos('', video('1', '4.00')) : '{"performance":null}',
    );
    expect(nothing.rows).toMatchObject({ rows: [], aside: [] });
  });
});

describe('bestsellers', () => {
  it('are four rankings of three stretches of days', () => {
    const { rows, requests } = follow(
      openApiStreams.bestsellers(dayOf()),
      ({ parameters }) =>
        `{"${parameters?.ranking}":[{"id":"1730000000000000001","name":"Kettle","gmv_range":"1M+"}]}`,
    );
    expect(requests.map(({ parameters, query }) => `${parameters?.ranking} ${query?.time_slot}`)).toEqual(
      ['products', 'videos', 'lives', 'creators'].flatMap((one) =>
        ['1D', '7D', '30D'].map((slot) => `${one} ${slot}`),
      ),
    );
    expect(rows.rows).toHaveLength(12);
    expect(rows.rows[4]).toMatchObject({
      ...{ ranking: 'videos', time_slot: '7D', subject_id: '1730000000000000001' },
      ...{ title: 'Kettle', gmv_range: '1M+', rank: '1' },
    });
  });
});
