import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/api/keys.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

interface Acceptance {
  accepted: { event_id: string; deliveries: { destination: string; delivery_id: string }[] }[];
  duplicates: string[];
  rejected: { index: number; errors: { path: string; message: string }[] }[];
  differences?: { index: number; event_id: string; fields: string[] }[];
}

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
  for (const id of ['tiktok', 'tiktok-eu', 'meta']) await addDestination(id);
});

afterEach(async () => {
  await api.close();
});

async function addDestination(id: string): Promise<void> {
  const kind = id.split('-')[0] ?? '';
  await api.sql`insert into destinations (destination_id, kind, name, settings) values (${id}, ${kind}, ${id}, '{}')`;
}

const eventTime = Math.floor(Date.now() / 1_000) - 60;

function event(id: string, fields: object = {}) {
  const user = { email: 'jo@example.com', ip: '203.0.113.7' };
  return {
    event_id: id,
    event_name: 'PURCHASE',
    event_time: eventTime,
    user,
    ...fields,
  };
}

const send = (body: unknown, headers = {}): Promise<Response> =>
  api.send('POST', '/api/v1/conversions', body, undefined, headers);

async function accept(body: unknown): Promise<Acceptance> {
  const response = await send(body);
  expect(response.status).toBe(202);
  return (await response.json()) as Acceptance;
}

interface StoredDelivery {
  event_id: string;
  destination_id: string;
  status: string;
  due: boolean;
}

const storedDeliveries = (): Promise<StoredDelivery[]> =>
  api.sql<StoredDelivery[]>`
    select event_id, destination_id, status, next_attempt_at <= now() as due from deliveries
    order by event_id, destination_id`.then((rows) => [...rows]);

describe('accepting events', () => {
  it('stores an event, and a delivery for each destination, and wakes these', async () => {
    const { accepted, duplicates, rejected } = await accept(event('order-1'));
    expect({ duplicates, rejected }).toEqual({ duplicates: [], rejected: [] });
    expect(accepted).toMatchObject([{ event_id: 'order-1' }]);
    expect(accepted[0]?.deliveries.map(({ destination }) => destination)).toEqual([
      'meta',
      'tiktok',
      'tiktok-eu',
    ]);
    const due = { event_id: 'order-1', status: 'PENDING', due: true };
    expect(await storedDeliveries()).toEqual([
      { ...due, destination_id: 'meta' },
      { ...due, destination_id: 'tiktok' },
      { ...due, destination_id: 'tiktok-eu' },
    ]);
    expect(api.world.woken).toEqual(['meta', 'tiktok', 'tiktok-eu']);
  });

  it('goes to the destinations that are named, and to none that was deleted', async () => {
    await api.sql`update destinations set deleted_at = now() where destination_id = 'meta'`;
    const { accepted, rejected } = await accept({
      events: [
        event('a', { destinations: ['tiktok'] }),
        event('b', { destinations: ['tiktok', 'meta'] }),
        event('c', { destinations: ['nowhere'] }),
        event('d'),
      ],
    });
    expect(
      accepted.map(({ event_id, deliveries }) => [event_id, deliveries.map((one) => one.destination)]),
    ).toEqual([
      ['a', ['tiktok']],
      ['d', ['tiktok', 'tiktok-eu']],
    ]);
    const message = 'is no destination of this installation.';
    expect(rejected).toEqual([
      { index: 1, errors: [{ path: 'destinations.1', message }] },
      { index: 2, errors: [{ path: 'destinations.0', message }] },
    ]);
  });

  it('accepts while there is no destination at all', async () => {
    await api.sql`update destinations set deleted_at = now()`;
    expect((await accept(event('order-1'))).accepted).toEqual([{ event_id: 'order-1', deliveries: [] }]);
    expect(api.world.woken).toEqual([]);
  });

  it('keeps nothing personal in clear', async () => {
    await accept(event('order-1', { page: { url: 'https://shop.example/?ttclid=E.secret' } }));
    const rows = await api.sql<{ row: string }[]>`
      select row_to_json(e)::text as row from conversion_events e union all select row_to_json(d)::text from deliveries d`;
    const stored = rows.map(({ row }) => row).join();
    const hex = (text: string): string => Buffer.from(text).toString('hex');
    for (const personal of ['jo@example.com', '203.0.113.7', 'E.secret']) {
      expect(stored).not.toContain(personal);
      expect(stored).not.toContain(hex(personal));
    }
    expect(api.world.log.join()).not.toContain('jo@example.com');
  });

  it('numbers deliveries in the order of the request, for the platform may take two events for one', async () => {
    const named = ['PURCHASE', 'CompletePayment', 'INITIATE_CHECKOUT', 'AddToCart'].map((event_name) =>
      event('order-1', { event_name, destinations: ['tiktok'] }),
    );
    const { accepted } = await accept({ events: named });
    const numbers = accepted.map(({ deliveries }) => Number(deliveries[0]?.delivery_id.slice('dlv_'.length)));
    expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
    expect(new Set(numbers).size).toBe(4);
  });
});

describe('events that come again', () => {
  it('are duplicates and create nothing', async () => {
    const one = event('order-1');
    await accept(one);
    const before = await storedDeliveries();
    const again = await accept(one);
    expect(again).toEqual({ accepted: [], duplicates: ['order-1'], rejected: [] });
    expect(await storedDeliveries()).toEqual(before);
    expect(api.world.woken).toHaveLength(3);
  });

  it('are the same by name and id, in one request too', async () => {
    const { accepted, duplicates } = await accept({
      events: [event('a'), event('a', { event_name: 'INITIATE_CHECKOUT' }), event('a')],
    });
    expect(accepted.map((one) => one.event_id)).toEqual(['a', 'a']);
    expect(duplicates).toEqual(['a']);
  });

  it('with another body change nothing, and the difference is told by names alone', async () => {
    const one = event('order-1', { properties: { value: 10, currency: 'USD' } });
    await accept(one);
    const { differences, duplicates } = await accept({
      events: [
        one,
        { ...one, properties: { value: 99, currency: 'USD' }, user: { ...one.user, phone: '+14155550100' } },
        { ...one, destinations: ['meta'] },
      ],
    });
    expect(duplicates).toEqual(['order-1', 'order-1', 'order-1']);
    expect(differences).toEqual([
      { index: 1, event_id: 'order-1', fields: ['user.phone', 'properties.value'] },
      { index: 2, event_id: 'order-1', fields: ['destinations'] },
    ]);
    const [stored] = await api.sql<{ content: string }[]>`select content from conversion_events`;
    expect(JSON.parse(stored?.content ?? '')).toEqual({ properties: { value: 10, currency: 'USD' } });
  });

  it('at the same time from fifty callers are one event', async () => {
    const one = event('order-1');
    const answers = await Promise.all(Array.from({ length: 50 }, () => accept(one)));
    expect(answers.flatMap(({ accepted }) => accepted)).toHaveLength(1);
    expect(answers.flatMap(({ duplicates }) => duplicates)).toHaveLength(49);
    expect(await storedDeliveries()).toHaveLength(3);
  });

  it('are still known when what was personal of the first is purged', async () => {
    await accept(event('order-1'));
    await api.sql`update conversion_events set sealed = null`;
    const { duplicates, differences } = await accept(
      event('order-1', { user: { email: 'other@example.com' } }),
    );
    expect(duplicates).toEqual(['order-1']);
    expect(differences).toMatchObject([{ fields: ['user'] }]);
  });
});

describe('bad input', () => {
  it('is refused event by event, with its place', async () => {
    const { accepted, rejected } = await accept({
      events: [
        event('a'),
        5,
        event('b', { user: { email: 7 } }),
        event('c\0'),
        event('d', { user: { first_name: 'a\0b' } }),
        event('e'),
      ],
    });
    expect(accepted.map((one) => one.event_id)).toEqual(['a', 'e']);
    expect(rejected.map(({ index, errors }) => [index, errors[0]?.path])).toEqual([
      [1, 'event'],
      [2, 'user.email'],
      [3, 'event_id'],
      [4, 'user.first_name'],
    ]);
  });

  it('is 202 also when all of it is refused', async () => {
    const { accepted, rejected } = await accept({});
    expect({ accepted, places: rejected.map(({ index }) => index) }).toEqual({ accepted: [], places: [0] });
  });

  it.each([
    [[]],
    ['text'],
    [5],
    ['null'],
    [{ events: 'all' }],
    [{ events: [] }],
    [{ events: [event('a')], more: 1 }],
  ])('is 400 as a whole: %j', async (body) => {
    expect((await send(body)).status).toBe(400);
    expect(await storedDeliveries()).toEqual([]);
  });

  it('is 413 beyond a thousand events, of which none is stored', async () => {
    const events = Array.from({ length: 1_001 }, (_, index) => event(`order-${index}`));
    expect((await send({ events })).status).toBe(413);
    expect(await storedDeliveries()).toEqual([]);
    expect((await accept({ events: events.slice(1) })).accepted).toHaveLength(1_000);
  });
});

describe('keys', () => {
  it('need the scope ingest', async () => {
    const { key: ingest } = await createKey(api.sql, { name: 'i', scopes: ['ingest'], shopIds: null });
    const { key: write } = await createKey(api.sql, { name: 'w', scopes: ['write'], shopIds: null });
    const post = (key: string | null) => api.send('POST', '/api/v1/conversions', event('a'), key);
    expect([(await post(ingest)).status, (await post(write)).status, (await post(null)).status]).toEqual([
      202, 403, 401,
    ]);
    expect((await api.get('/api/v1/conversions', ingest)).status).toBe(403);
  });

  it('that are bound to shops see no events', async () => {
    const { key } = await createKey(api.sql, { name: 'b', scopes: ['read'], shopIds: ['shop-1'] });
    expect((await api.get('/api/v1/conversions', key)).status).toBe(403);
  });
});

describe('the list of events', () => {
  interface Page {
    data: { event_id: string; parameters: string[]; deliveries: { status: string }[] }[];
    next_cursor: string | null;
    total?: number;
  }
  const list = async (query: string): Promise<Page> =>
    (await (await api.get(`/api/v1/conversions${query}`)).json()) as Page;

  it('shows them newest first, page by page, with filters', async () => {
    await accept({ events: ['a', 'b'].map((id) => event(id)) });
    await accept(event('c', { event_name: 'INITIATE_CHECKOUT', destinations: ['meta'] }));
    const first = await list('?limit=2&with_total=true');
    expect([first.data.map((one) => one.event_id), first.total]).toEqual([['c', 'b'], 3]);
    const rest = await list(`?limit=2&cursor=${first.next_cursor}`);
    expect([rest.data.map((one) => one.event_id), rest.next_cursor]).toEqual([['a'], null]);
    expect((await list('?event_name=INITIATE_CHECKOUT')).data).toMatchObject([
      {
        event_id: 'c',
        parameters: ['email', 'ip'],
        deliveries: [{ destination: 'meta', status: 'PENDING' }],
      },
    ]);
    expect((await list('?destination=tiktok')).data).toHaveLength(2);
    expect((await list('?from=2100-01-01T00:00:00Z')).data).toEqual([]);
    expect((await api.get(`/api/v1/conversions?event_id=a&cursor=${first.next_cursor}`)).status).toBe(400);
  });
});
