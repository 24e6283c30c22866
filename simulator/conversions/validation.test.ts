import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { credentials } from './platforms.ts';
import { callControl, digestOf, ledgerOf } from './testing.ts';

let simulator: RunningSimulator;
const now = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 0 });
});
afterAll(() => simulator.stop());
beforeEach(() => callControl(simulator, 'DELETE', 'conversions/ledger'));

async function call(path: string, init: RequestInit): Promise<Record<string, unknown> & { status: number }> {
  const response = await fetch(`${simulator.url}${path}`, init);
  return { ...JSON.parse(await response.text()), status: response.status };
}

describe('the simulated Conversions API', () => {
  const [pixel] = credentials.meta.pixel_ids;
  const event = (changes: object = {}) => ({
    event_name: 'Lead',
    event_id: 'e',
    event_time: now(),
    action_source: 'website',
    event_source_url: 'https://shop.example.com/',
    user_data: { em: [digestOf('a')], client_user_agent: 'Mozilla/5.0' },
    ...changes,
  });
  const send = (data: unknown, token: string = credentials.meta.access_token, to: string = pixel) =>
    call(`/v21.0/${to}/events?access_token=${token}`, { method: 'POST', body: JSON.stringify({ data }) });

  it('takes all events of a request or none', async () => {
    expect(await send([event()])).toMatchObject({ status: 200, events_received: 1 });
    const old = event({ event_id: 'old', event_time: now() - 8 * 86_400 });
    expect(await send([event({ event_id: 'good' }), old])).toMatchObject({
      status: 400,
      error: { code: 100, error_subcode: 2804003, is_transient: false },
    });
    expect((await ledgerOf(simulator)).map(({ event_id }) => event_id)).toEqual(['e']);
  });

  it.each([
    ['no source of the action', { action_source: 'web' }],
    ['a website without its address', { event_source_url: undefined }],
    ['a website without a browser', { user_data: { em: digestOf('a') } }],
    ['an address in clear', { action_source: 'other', user_data: { em: 'a@example.com' } }],
    ['nobody', { user_data: {} }],
    ['milliseconds', { event_time: Date.now() }],
    ['a purchase without a currency', { event_name: 'Purchase', custom_data: { value: 1 } }],
    ['a negative value', { custom_data: { value: -1, currency: 'USD' } }],
  ])('refuses %s', async (_, changes) => {
    expect(await send([event(changes)])).toMatchObject({ status: 400, error: { code: 100 } });
    expect(await ledgerOf(simulator)).toEqual([]);
  });

  it('knows its token and its pixels', async () => {
    expect(await send([event()], 'wrong')).toMatchObject({ error: { code: 190 } });
    expect(await send([event()], undefined, '1')).toMatchObject({ error: { code: 100, error_subcode: 33 } });
  });
});

describe('the simulated APIs of Google', () => {
  const { customer_id, client_id, client_secret, refresh_token, developer_token, conversion_actions } =
    credentials.google_ads;
  const [action] = conversion_actions;

  async function headers(): Promise<Record<string, string>> {
    const form = { grant_type: 'refresh_token', client_id, client_secret, refresh_token };
    const { access_token } = await call('/token', { method: 'POST', body: new URLSearchParams(form) });
    return { authorization: `Bearer ${access_token}`, 'developer-token': developer_token };
  }

  const event = (changes: object = {}) => ({
    transactionId: 't',
    eventTimestamp: new Date().toISOString(),
    adIdentifiers: { gclid: 'c' },
    ...changes,
  });
  const ingest = async (events: unknown, changes: object = {}) => {
    const destinations = [
      {
        operatingAccount: { accountType: 'GOOGLE_ADS', accountId: customer_id },
        productDestinationId: action,
      },
    ];
    const body = JSON.stringify({ destinations, encoding: 'HEX', events, ...changes });
    return call('/v1/events:ingest', { method: 'POST', headers: await headers(), body });
  };
  const result = async (requestId: unknown) =>
    call(`/v1/requestStatus:retrieve?requestId=${requestId}`, { headers: await headers() });

  it('tell later what became of a request, and count a transaction once', async () => {
    await callControl(simulator, 'POST', 'conversions/settings', { processing_ms: 3_600_000 });
    const { requestId } = await ingest([event()]);
    expect(await result(requestId)).toMatchObject({
      requestStatusPerDestination: [{ requestStatus: 'PROCESSING' }],
    });
    await callControl(simulator, 'POST', 'conversions/settings', { processing_ms: 0 });
    const again = await ingest([event(), event({ transactionId: 'u' })]);
    expect(await result(again.requestId)).toMatchObject({
      requestStatusPerDestination: [
        {
          requestStatus: 'PARTIAL_SUCCESS',
          errorInfo: {
            errorCounts: [{ recordCount: '1', reason: 'PROCESSING_ERROR_REASON_DUPLICATE_TRANSACTION_ID' }],
          },
        },
      ],
    });
    expect(await result('unknown')).toMatchObject({ status: 404 });
    expect((await ledgerOf(simulator)).map(({ counted }) => counted)).toEqual([1, 1]);
  });

  it.each([
    ['no transaction', { transactionId: '' }],
    ['a time without its zone', { eventTimestamp: '2026-11-21T10:00:00' }],
    ['two braids', { adIdentifiers: { gbraid: 'a', wbraid: 'b' } }],
    ['nobody', { adIdentifiers: {} }],
    ['an address in clear', { userData: { userIdentifiers: [{ emailAddress: 'a@example.com' }] } }],
    ['no currency of this world', { currency: 'dollars' }],
  ])('refuse a whole request for %s', async (_, changes) => {
    const answer = await ingest([event({ transactionId: 'good' }), event(changes)]);
    expect(answer).toMatchObject({ status: 400, error: { status: 'INVALID_ARGUMENT' } });
    expect(JSON.stringify(answer)).toContain('events[1].');
    expect(await ledgerOf(simulator)).toEqual([]);
  });

  it('refuse who has no living access token', async () => {
    const answer = await call('/v1/events:ingest', { method: 'POST', body: '{}' });
    expect(answer).toMatchObject({ status: 401, error: { status: 'UNAUTHENTICATED' } });
    const before = await headers();
    await callControl(simulator, 'POST', 'conversions/tokens/google_ads', { state: 'expired' });
    expect(await call('/v1/events:ingest', { method: 'POST', headers: before, body: '{}' })).toMatchObject({
      status: 401,
    });
    expect(await ingest([event()])).toMatchObject({ status: 200 });
  });

  it('settle click conversions row by row', async () => {
    const row = (orderId: string, changes: object = {}) => ({
      conversionAction: `customers/${customer_id}/conversionActions/${action}`,
      conversionDateTime: `${new Date().toISOString().slice(0, 19).replace('T', ' ')}+00:00`,
      gclid: 'c',
      orderId,
      ...changes,
    });
    const upload = async (conversions: unknown, changes: object = {}) =>
      call(`/v26/customers/${customer_id}:uploadClickConversions`, {
        method: 'POST',
        headers: await headers(),
        body: JSON.stringify({ conversions, partialFailure: true, ...changes }),
      });
    await upload([row('a')]);
    const answer = await upload([row('a'), row('b'), row('b'), row('c', { gbraid: 'x', wbraid: 'y' })]);
    const names = ['ORDER_ID_ALREADY_IN_USE', 'DUPLICATE_ORDER_ID', 'GBRAID_WBRAID_BOTH_SET'];
    for (const name of names) expect(JSON.stringify(answer.partialFailureError)).toContain(name);
    expect(answer.results).toMatchObject([{}, { orderId: 'b' }, {}, {}]);
    expect(await upload([row('d')], { partialFailure: false })).toMatchObject({ status: 400 });
    await callControl(simulator, 'POST', 'conversions/settings', { upload_allowed: false });
    expect(JSON.stringify(await upload([row('d')]))).toContain('CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE');
    await callControl(simulator, 'POST', 'conversions/settings', { upload_allowed: true });
  });
});

describe('the simulated calendar', () => {
  it('shows an appointment as it is now, to who has the key', async () => {
    const { id } = await callControl(simulator, 'POST', 'conversions/appointments', {
      email: 'a@example.com',
    });
    await callControl(simulator, 'POST', `conversions/appointments/${id}`, { canceled: true });
    const { user_id, api_key } = credentials.acuity;
    const authorization = `Basic ${Buffer.from(`${user_id}:${api_key}`).toString('base64')}`;
    const read = (path: string, given: Record<string, string>) =>
      call(`/api/v1/appointments/${path}`, { headers: given });
    expect(await read(String(id), { authorization })).toMatchObject({
      id,
      email: 'a@example.com',
      canceled: true,
    });
    expect(await read('%', { authorization })).toMatchObject({ status: 404 });
    expect(await read(String(id), {})).toMatchObject({ status: 401 });
  });
});
