import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credentials } from '../../simulator/conversions/platforms.ts';
import { callControl, ledgerOf } from '../../simulator/conversions/testing.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/index.ts';
import type { ConversionEvent } from '../conversions/types.ts';
import type { AnyDestinationKind } from './destination-kind.ts';
import { googleAds } from './google-ads/index.ts';
import { meta } from './meta/index.ts';
import { purchaseWith } from './testing/events.ts';
import { entryOf, exchange, type SmallDestination, sendAll } from './testing/small-sender.ts';
import { tiktok } from './tiktok/index.ts';

let simulator: RunningSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ ordersCount: 0 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await callControl(simulator, 'DELETE', 'faults');
  await callControl(simulator, 'DELETE', 'conversions/ledger');
  await callControl(simulator, 'DELETE', 'conversions/refusals');
  await callControl(simulator, 'POST', 'conversions/settings', { processing_ms: 0, upload_allowed: true });
  for (const platform of ['tiktok', 'meta', 'google_ads'])
    await callControl(simulator, 'POST', `conversions/tokens/${platform}`, { state: 'valid' });
});

const { client_id, client_secret, refresh_token, developer_token, customer_id, conversion_actions } =
  credentials.google_ads;
const googleSecrets = { client_id, client_secret, refresh_token, developer_token };
const googleSettings = { customer_id, conversion_action: conversion_actions[0], result_poll_seconds: 1 };

type Case = [
  name: string,
  platform: string,
  route: string,
  kind: AnyDestinationKind,
  settings: object,
  secrets: object,
];

const cases: Case[] = [
  [
    'TikTok',
    'tiktok',
    'tiktok_events',
    tiktok,
    { pixel_id: credentials.tiktok.pixel_ids[0] },
    { access_token: credentials.tiktok.access_token },
  ],
  [
    'Meta',
    'meta',
    'meta_events',
    meta,
    { pixel_id: credentials.meta.pixel_ids[0] },
    { access_token: credentials.meta.access_token },
  ],
  ['Data Manager', 'google_ads', 'google_ingest', googleAds, googleSettings, googleSecrets],
  [
    'uploadClickConversions',
    'google_ads',
    'google_upload',
    googleAds,
    { ...googleSettings, upload_api: 'google_ads' },
    googleSecrets,
  ],
];

function destinationOf(kind: AnyDestinationKind, settings: object, secrets: object): SmallDestination {
  return {
    kind,
    settings: kind.settingsSchema.parse(settings),
    secrets: kind.secretsSchema.parse(secrets),
    origin: simulator.url,
  };
}

function events(count: number, changes: Partial<ConversionEvent> = {}): ConversionEvent[] {
  return Array.from({ length: count }, (_, nth) =>
    purchaseWith({
      event_id: `e${nth}`,
      event_time: Math.floor(Date.now() / 1000) - nth,
      user: { email: [`guest-${nth}@example.com`] },
      ...changes,
    }),
  );
}

describe.each(cases)('%s, simulated', (_, platform, route, kind, settings, secrets) => {
  it('takes every event that the mapping makes, and takes it once', async () => {
    const destination = destinationOf(kind, settings, secrets);
    const batch = events(50);
    expect(new Set((await sendAll(destination, batch)).values())).toEqual(new Set(['delivered']));
    expect(new Set((await sendAll(destination, batch)).values())).toEqual(new Set(['delivered']));
    const counted = await ledgerOf(simulator, `?platform=${platform}`);
    expect(counted).toHaveLength(50);
    expect(counted.every((entry) => entry.counted === 1)).toBe(true);
  });

  it('keeps test events apart', async () => {
    const test = events(3, { test_event_code: 'TEST' });
    const outcomes = await sendAll(destinationOf(kind, settings, secrets), test);
    expect([...outcomes.values()]).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await ledgerOf(simulator, `?platform=${platform}`)).toEqual([]);
  });

  it('asks for a person when the token is dead or without permission', async () => {
    const destination = destinationOf(kind, settings, secrets);
    await callControl(simulator, 'POST', `conversions/tokens/${platform}`, { state: 'no_permission' });
    const [event] = events(1);
    if (event === undefined) throw new Error('There is no event.');
    const entries = [entryOf(destination, event)];
    const request = kind.request(entries, event, destination.settings);
    const answer = await exchange(destination, request);
    expect(kind.read(answer, entries, destination.settings).kind).toBe('pause');
    await callControl(simulator, 'POST', `conversions/tokens/${platform}`, { state: 'revoked' });
    if (kind.tokens === null) {
      const refused = await exchange(destination, request);
      expect(kind.read(refused, entries, destination.settings).kind).toBe('pause');
    } else {
      await expect(exchange(destination, request)).rejects.toThrow('Grant access once more');
    }
  });

  it.each(['named', 'unnamed', 'listed', 'blind'])('has refused events found out (%s)', async (way) => {
    const refused = ['e3', 'e17', 'e18'];
    await callControl(simulator, 'POST', 'conversions/refusals', { platform, event_ids: refused, way });
    const outcomes = await sendAll(destinationOf(kind, settings, secrets), events(40));
    for (const [id, outcome] of outcomes) {
      // What is refused without a word and without a list stays unknown: it is never called delivered.
      const expected = !refused.includes(id)
        ? 'delivered'
        : way === 'blind' && platform === 'tiktok'
          ? 'open'
          : 'rejected';
      expect(`${id} ${outcome}`).toBe(`${id} ${expected}`);
    }
    const counted = await ledgerOf(simulator, `?platform=${platform}`);
    expect(counted.map(({ event_id }) => event_id).filter((id) => refused.includes(id))).toEqual([]);
    expect(counted).toHaveLength(37);
  });

  it('is never believed more than it counted, whatever goes wrong', async () => {
    const kinds = [
      { kind: 'lost_answer' },
      { kind: 'hang_after' },
      { kind: 'html_after' },
      { kind: 'truncated' },
      { kind: 'truncated_json' },
      { kind: 'malformed_json' },
      { kind: 'html' },
      { kind: 'reset' },
      { kind: 'status', http_status: 500 },
      { kind: 'throttle' },
      { kind: 'partial', count: 3 },
      { kind: 'partial', count: 2, listed: true },
    ].map((fault) => ({ ...fault, route, probability: 0.06, times: 12 }));
    await callControl(simulator, 'POST', 'faults', { seed: 7, faults: kinds });
    await callControl(simulator, 'POST', 'conversions/refusals', {
      platform,
      share: 0.02,
      seed: 3,
      way: 'named',
    });
    const destination = destinationOf(kind, settings, secrets);
    const outcomes = new Map<string, string>();
    const all = events(600);
    for (let at = 0; at < all.length; at += 30)
      for (const [id, outcome] of await sendAll(destination, all.slice(at, at + 30)))
        outcomes.set(id, outcome);
    const counted = new Map(
      (await ledgerOf(simulator, `?platform=${platform}`)).map(({ event_id, counted: times }) => [
        event_id,
        times,
      ]),
    );
    const { faults } = await callControl(simulator, 'GET', 'faults');
    const met = (Array.isArray(faults) ? faults : []).filter(({ hits }) => hits > 0);
    expect(met.length).toBeGreaterThan(8);
    const wrong = [...outcomes].filter(([id, outcome]) => (outcome === 'delivered') !== counted.has(id));
    expect(wrong).toEqual([]);
    expect([...counted.values()].filter((times) => times !== 1)).toEqual([]);
    expect(new Set(outcomes.values())).toEqual(new Set(['delivered', 'rejected']));
    expect(outcomes.size).toBe(600);
  }, 60_000);
});
