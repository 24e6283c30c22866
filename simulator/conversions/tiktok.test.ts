import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../index.ts';
import { credentials } from './platforms.ts';
import { callControl, digestOf, ledgerOf } from './testing.ts';

let simulator: RunningSimulator;
const [pixel] = credentials.tiktok.pixel_ids;

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 0 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await callControl(simulator, 'DELETE', 'faults');
  await callControl(simulator, 'DELETE', 'conversions/ledger');
  await callControl(simulator, 'DELETE', 'conversions/refusals');
  await callControl(simulator, 'POST', 'conversions/tokens/tiktok', { state: 'valid' });
});

function event(id: string, changes: object = {}): Record<string, unknown> {
  return {
    event: 'Purchase',
    event_id: id,
    event_time: Math.floor(Date.now() / 1000),
    user: { email: [digestOf(id)] },
    properties: { value: 0, currency: 'USD', contents: [{ content_id: 'a', price: 1, quantity: 1 }] },
    ...changes,
  };
}

async function track(data: unknown, changes: object = {}, token: string = credentials.tiktok.access_token) {
  const response = await fetch(`${simulator.url}/open_api/v1.3/event/track/`, {
    method: 'POST',
    headers: { 'access-token': token, 'content-type': 'application/json' },
    body: JSON.stringify({ event_source: 'web', event_source_id: pixel, data, ...changes }),
  });
  const text = await response.text();
  return { status: response.status, text, ...(text.startsWith('{') ? JSON.parse(text) : {}) };
}

const ledger = (query = '') => ledgerOf(simulator, query);

describe('the simulated Events API', () => {
  it('counts an event and id once in 48 hours, and again after them', async () => {
    expect(await track([event('a'), event('b'), event('a')])).toMatchObject({ status: 200, code: 0 });
    await track([event('a')]);
    const [a] = await ledger();
    expect(a).toMatchObject({ platform: 'tiktok', source: pixel, event_id: 'a', received: 3, counted: 1 });
    await callControl(simulator, 'POST', 'settings', { clock_offset_ms: 49 * 3_600_000 });
    await track([event('a')]);
    await callControl(simulator, 'POST', 'settings', { clock_offset_ms: 0 });
    expect((await ledger())[0]).toMatchObject({ counted: 2 });
  });

  it('keeps test events apart', async () => {
    await track([event('t')], { test_event_code: 'TEST1' });
    expect(await ledger()).toEqual([]);
    expect(await ledger('?test=true')).toHaveLength(1);
  });

  it.each([
    [
      'content_id as a number',
      { properties: { contents: [{ content_id: 1 }] } },
      'properties.contents.0.content_id',
    ],
    ['milliseconds', { event_time: Date.now() }, 'event_time'],
    ['a fraction of a second', { event_time: 1.5 }, 'event_time'],
    ['an ancient time', { event_time: 1 }, 'event_time'],
    ['a future time', { event_time: Math.floor(Date.now() / 1000) + 86_400 }, 'event_time'],
    ['an address in clear', { user: { email: 'a@example.com' } }, 'user.email'],
    ['an empty text', { user: { ttclid: '' } }, 'user.ttclid'],
    ['a negative value', { properties: { value: -1 } }, 'properties.value'],
    ['no currency of this world', { properties: { currency: 'dollars' } }, 'properties.currency'],
    ['no name', { event: '' }, 'event'],
    ['an id that is a number', { event_id: 5 }, 'event_id'],
  ])('refuses the whole request for %s, inside HTTP 200', async (_, changes, path) => {
    const answer = await track([event('good'), event('bad', changes)]);
    expect(answer).toMatchObject({ status: 200, code: 40002 });
    expect(answer.message).toContain(`Batch.1.${path}: `);
    expect(await ledger()).toEqual([]);
  });

  it('knows its tokens, its pixels and its limits', async () => {
    const one = [event('x')];
    expect(await track(one, {}, '')).toMatchObject({ code: 40104 });
    expect(await track(one, {}, 'wrong')).toMatchObject({ code: 40105 });
    expect(await track(one, { event_source_id: 'OTHER' })).toMatchObject({ code: 40001 });
    expect(await track(Array.from({ length: 1_001 }, (__, nth) => event(`n${nth}`)))).toMatchObject({
      code: 40002,
    });
    await callControl(simulator, 'POST', 'conversions/tokens/tiktok', { state: 'expired' });
    expect(await track(one)).toMatchObject({ code: 40102 });
    await callControl(simulator, 'POST', 'conversions/tokens/tiktok', { state: 'valid' });
    await callControl(simulator, 'POST', 'conversions/settings', { rate_limit: 1 });
    await track(one);
    expect(await track(one)).toMatchObject({ status: 200, code: 40100 });
    await callControl(simulator, 'POST', 'conversions/settings', { rate_limit: 0 });
  });

  it('refuses chosen events by name, blindly or in a list', async () => {
    const refuse = async (way: string) => {
      await callControl(simulator, 'DELETE', 'conversions/refusals');
      await callControl(simulator, 'POST', 'conversions/refusals', {
        platform: 'tiktok',
        event_ids: ['b'],
        way,
      });
      return track([event('a'), event('b')]);
    };
    expect((await refuse('named')).message).toContain('Batch.1.');
    expect((await refuse('unnamed')).message).not.toContain('Batch');
    expect(await ledger()).toEqual([]);
    expect(await refuse('listed')).toMatchObject({
      code: 20001,
      data: { failed_events: [{ event_id: 'b' }] },
    });
    expect(await refuse('blind')).toMatchObject({ code: 20001, data: {} });
    expect((await ledger()).map(({ event_id }) => event_id)).toEqual(['a']);
  });

  it('counts what it takes although its answer is lost, late, or a page of a gateway', async () => {
    const meet = (fault: object) =>
      callControl(simulator, 'POST', 'faults', { route: 'tiktok_events', ...fault });
    await meet({ kind: 'lost_answer' });
    await expect(track([event('lost')])).rejects.toThrow();
    await meet({ kind: 'truncated' });
    await expect(track([event('cut')])).rejects.toThrow();
    await meet({ kind: 'html_after' });
    expect(await track([event('page')])).toMatchObject({ status: 502 });
    await meet({ kind: 'html' });
    expect(await track([event('never')])).toMatchObject({ status: 502 });
    await meet({ kind: 'code', code: 50002, source: pixel });
    expect(await track([event('code')])).toMatchObject({ status: 200, code: 50002 });
    await meet({ kind: 'throttle', source: 'OTHER' });
    await meet({ kind: 'partial', count: 1 });
    expect(await track([event('left'), event('taken')])).toMatchObject({ code: 20001, data: {} });
    expect((await ledger()).map(({ event_id }) => event_id)).toEqual(['lost', 'cut', 'page', 'taken']);
  });
});
