import { describe, expect, it } from 'vitest';
import { DayNotAvailable } from './chain.ts';
import { openApiStreams } from './index.ts';
import { dayOf, dollars, follow } from './testing/follow.ts';

describe('shop performance', () => {
  const flat = `{"gmv":${dollars('12.30')},"items_sold":3,"orders_count":2,"refunds":${dollars('0.00')}}`;
  const nested = `{"gmv":{"overall":${dollars('12.30')},"breakdowns":[{"type":"LIVE","amount":"2.30","currency":"USD"}]},
    "items_sold":{"overall":3},"orders_count":{"overall":2},"refunds":{"overall":${dollars('0.00')}}}`;

  it.each([
    ['flat', flat, null],
    ['with channels', nested, '2.30'],
  ])('is read alike however deep its figures stand: %s', (_, sales, liveGmv) => {
    const day = dayOf();
    const interval = `{"start_date":"2026-03-01","end_date":"2026-03-02","sales":${sales},"traffic":{"avg_conversation_rate":"0.0528"}}`;
    const { rows, requests } = follow(
      openApiStreams.shop(day),
      () => `{"latest_available_date":"2026-03-03","performance":{"intervals":[${interval}]}}`,
    );
    expect(requests).toMatchObject([
      { query: { start_date_ge: '2026-03-01', end_date_lt: '2026-03-02', granularity: '1D' } },
    ]);
    expect(rows).toMatchObject({ currency: 'USD', latestAvailableDate: '2026-03-03', aside: [] });
    expect(rows.rows).toEqual([
      expect.objectContaining({
        gmv: '12.30',
        items_sold: '3',
        orders_count: '2',
        refunds: '0.00',
        // A fraction of one becomes a percentage.
        conversion_rate: '5.2800',
        live_gmv: liveGmv,
        // Missing is not zero.
        gross_revenue: null,
        visitors: null,
      }),
    ]);
    expect(day.notes.findings()).toEqual([]);
  });

  it('is found with and without the object around it', () => {
    const intervals = `"intervals":[{"sales":${flat}}]`;
    for (const data of [`{"performance":{${intervals}}}`, `{${intervals}}`]) {
      const { rows } = follow(openApiStreams.shop(dayOf()), () => data);
      expect(rows.rows).toEqual([expect.objectContaining({ gmv: '12.30', orders_count: '2' })]);
    }
  });

  it('of a day that is not ready is not stored', () => {
    const chain = openApiStreams.shop(dayOf());
    const early = (): string =>
      '{"latest_available_date":"2026-02-28","performance":{"intervals":[{"sales":{}}]}}';
    expect(() => follow(chain, early)).toThrow(new DayNotAvailable('TikTok has figures up to 2026-02-28.'));
  });

  it('by hour is not asked for beyond thirty days', () => {
    expect(() => openApiStreams.hourly(dayOf({ age: 30 })).next()).toThrow(DayNotAvailable);
    expect(openApiStreams.hourly(dayOf({ age: 29 })).next().value).toMatchObject({
      parameters: { date: '2026-03-01' },
    });
  });
});

describe('lists', () => {
  it('are read to their end, with exact ids and the place of every row', () => {
    const page = (id: string, token: string): string =>
      `{"skus":[{"id":${id},"product_id":1729592969712207999,"gmv":${dollars('1.10')},"sku_orders":1,"units_sold":1}],"next_page_token":"${token}"}`;
    const { rows, requests } = follow(openApiStreams.skus(dayOf()), (_, call) =>
      call === 1 ? page('9007199254740993', 'a+/=') : page('9007199254740995', ''),
    );
    expect(requests.map(({ query }) => query?.page_token)).toEqual([undefined, 'a+/=']);
    expect(rows.rows).toMatchObject([
      { sku_id: '9007199254740993', product_id: '1729592969712207999', page_id: 101, page_index: 0 },
      { sku_id: '9007199254740995', page_id: 102, page_index: 0 },
    ]);
  });

  it('end when a token comes again', () => {
    const again = (): string => '{"products":[],"next_page_token":"round"}';
    expect(follow(openApiStreams.products(dayOf()), again).requests).toHaveLength(2);
  });

  it('keep what is sound of a page, set the rest aside, and note what is not documented', () => {
    const day = dayOf();
    const figures = (gmv: string): string => `{"gmv":${gmv},"orders":1,"items_sold":1}`;
    const records = [
      `{"id":"1","overall_performance":${figures(dollars('5.00'))},"hologram":{"colour":"red"}}`,
      `{"id":"2","overall_performance":${figures(dollars('1e3'))}}`,
      `{"overall_performance":${figures(dollars('7.00'))}}`,
      `{"id":"4","overall_performance":{"gmv":${dollars('8.00')},"orders":1}}`,
      `{"id":"5","overall_performance":${figures('{"amount":"9.00","currency":"EUR"}')}}`,
      '"nothing"',
      `{"id":"7","overall_performance":${figures(dollars('1.00'))},"click_through_rate":12}`,
    ];
    const { rows } = follow(openApiStreams.products(day), () => `{"products":[${records.join(',')}]}`);
    expect(rows.rows.map((row) => row.product_id)).toEqual(['1', '7']);
    expect(rows.aside).toMatchObject([
      { recordId: '2', path: 'products[].overall_performance.gmv', reason: 'not a plain decimal' },
      { path: 'products[].id', reason: 'missing' },
      { recordId: '4', path: 'products[].overall_performance.items_sold', reason: 'missing' },
      { recordId: '5', reason: 'in another currency than the rest of its day' },
      { path: 'products[]', reason: 'not an object' },
    ]);
    const found = day.notes.findings().map(({ kind, path }) => `${kind} ${path}`);
    expect(found).toEqual([
      'unknown products[].hologram',
      'retyped products[].overall_performance.gmv',
      'missing products[].id',
      'missing products[].overall_performance.items_sold',
      'retyped products[]',
    ]);
    // Shapes only: what a field held is nobody's business.
    expect(JSON.stringify(day.notes.findings())).not.toMatch(/red|1e3/);
  });
});

describe('contents', () => {
  const videos = (...rows: string[]): string => `{"videos":[${rows.join(',')}]}`;
  const video = (id: string, username: string, gmv: string): string =>
    `{"id":"${id}","username":"${username}","gmv":${dollars(gmv)},"sku_orders":1,"items_sold":2,"views":30}`;

  it('tell whose account they belong to where the lists of own accounts are shorter', () => {
    const { rows } = follow(openApiStreams.videos(dayOf()), ({ query }) => {
      if (query?.account_type === 'ALL') return videos(video('1', 'own', '1.00'), video('2', 'kim', '2.00'));
      return query?.account_type === 'OFFICIAL_ACCOUNTS' ? videos(video('1', 'own', '1.00')) : videos();
    });
    expect(rows.rows.map((row) => [row.video_id, row.account_type])).toEqual([
      ['1', 'OFFICIAL_ACCOUNTS'],
      ['2', 'AFFILIATE_ACCOUNTS'],
    ]);
    const unfiltered = follow(openApiStreams.videos(dayOf()), () => videos(video('1', 'own', '1.00')));
    expect(unfiltered.rows.rows[0]?.account_type).toBeNull();
  });

  it('are summed by creator, exactly', () => {
    const live = `{"id":"9","username":"kim","sales_performance":{"gmv":${dollars('0.10')},"sku_orders":1,"items_sold":1}}`;
    const { rows } = follow(openApiStreams.creators(dayOf()), ({ endpoint }) =>
      endpoint.records === 'videos'
        ? videos(video('1', 'kim', '0.10'), video('2', 'kim', '0.20'), video('3', 'lee', '5.00'))
        : `{"live_stream_sessions":[${live}]}`,
    );
    expect(rows.rows).toMatchObject([
      {
        creator: 'kim',
        gmv: '0.40',
        video_gmv: '0.30',
        live_gmv: '0.10',
        videos: '2',
        lives: '1',
        views: null,
      },
      { creator: 'lee', gmv: '5.00', live_gmv: '0', items_sold: '2' },
    ]);
  });

  it('of affiliates come from the orders of the day', () => {
    const sku = (id: string, creator: string): string =>
      `{"sku_id":"${id}","creator_username":"${creator}","price":${dollars('19.99')},"quantity":3,"refunded_quantity":1,"estimated_paid_commission":${dollars('1.50')}}`;
    const { rows, requests } = follow(
      openApiStreams.affiliates(dayOf()),
      () =>
        `{"orders":[{"id":"1","create_time":1,"skus":[${sku('a', 'kim')},${sku('b', 'kim')}]},{"id":"2","skus":[${sku('a', 'lee')}]}]}`,
    );
    expect(requests).toMatchObject([{ body: { create_time_ge: 1772352000, create_time_lt: 1772438400 } }]);
    expect(rows.rows).toMatchObject([
      { creator: 'kim', gmv: '119.94', orders_count: '1', items_sold: '6', estimated_commission: '3.00' },
      { creator: 'lee', gmv: '59.97', orders_count: '1', actual_commission: null },
    ]);
  });

  it('give the minutes of the sessions that are over, under the day on which they began', () => {
    const { rows, requests } = follow(openApiStreams.live_minutes(dayOf()), ({ parameters }) => {
      if (parameters?.live_id === undefined)
        return '{"live_stream_sessions":[{"id":"8","start_time":"1772351000","end_time":"1772353000"},{"id":"9","start_time":"1772352000","end_time":"1772360000"},{"id":"10"}]}';
      return `{"performance":{"intervals":[{"start_time":1772352060,"end_time":1772352060,"sales":{"gmv":${dollars('3.00')}}}]}}`;
    });
    // Two lists of the shop's own accounts, and the one session that is over.
    expect(requests).toHaveLength(3);
    expect(rows.rows).toMatchObject([{ live_id: '9', minute: '2026-03-01T08:01:00.000Z', gmv: '3.00' }]);
  });
});
