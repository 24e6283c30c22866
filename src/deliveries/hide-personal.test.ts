import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Destination } from '../conversions/destinations.ts';
import type { ConversionEvent } from '../conversions/types.ts';
import { destinationKind } from '../destinations/index.ts';
import { createHiding } from './hide-personal.ts';
import { requestFor } from './preview.ts';

const digest = (value: string): Buffer => createHash('sha256').update(`key ${value}`).digest();
const { hide, hideText } = createHiding(digest);
const hashOf = (value: string): string => `#${digest(value).toString('hex').slice(0, 24)}`;

const event: ConversionEvent = {
  event_name: 'PURCHASE',
  event_id: 'order-1',
  event_time: Math.floor(Date.now() / 1_000) - 60,
  medium: 'web',
  user: {
    email: ['canary@example.com'],
    phone: ['+12025550123'],
    external_id: ['canary-7'],
    first_name: 'Canary',
    last_name: 'Canary',
    city: 'Canary',
    ip: '203.0.113.77',
    user_agent: 'Canary/5.0',
    ttclid: 'canary-click',
    ttp: 'canary-ttp',
    fbc: 'fb.1.canary',
    fbp: 'fb.1.canary.2',
    gclid: 'canary-gclid',
  },
  page: { url: 'https://shop.example/canary?email=x', referrer: 'https://canary.example' },
  properties: {
    ...{ value: 24.9, currency: 'EUR', order_id: '1001', query: 'canary of mine' },
    contents: [{ content_id: 'p1', content_name: 'Mug', price: 24.9, quantity: 1 }],
  },
};

const settings: Record<string, object> = {
  tiktok: { pixel_id: 'PIXEL' },
  meta: { pixel_id: '123' },
  google_ads: { customer_id: '1234567890', conversion_action: '77' },
};

describe('what is personal', () => {
  it.each(Object.keys(settings))('is hashed in every request to %s, and the rest stays', (name) => {
    const kind = destinationKind(name);
    if (kind === undefined) throw new Error(name);
    const destination: Destination = {
      ...{ id: name, kind, name, status: 'active' as const, pauseReason: null, fromEnvironment: false },
      ...{ isDeleted: false, version: '1', settings: kind.settingsSchema.parse(settings[name]) },
      secrets: {
        ...{
          access_token: 't',
          client_id: 'c',
          client_secret: 's',
          refresh_token: 'r',
          developer_token: 'd',
        },
      },
    };
    const made = requestFor({ config: { outboundMode: 'live' } as never }, destination, event);
    if ('skip' in made) throw new Error(made.skip);
    const { body } = made.request;
    expect(body).toMatch(/canary/i);
    const hidden = JSON.stringify(hide(body));
    expect(hidden).not.toMatch(/canary|203\.0|fb\.1|[0-9a-f]{32}|https?:/i);
    expect(hidden).toContain('order-1');
    expect(hidden).toContain('24.9');
    expect(hidden).toContain('EUR');
  });

  it('is hashed the same everywhere, numbers included, and in fields that nobody knows', () => {
    expect(
      hide(
        JSON.stringify({ user: { phone: 12025550123, ip: ['a', ''] }, code: 'E1', nickname: 'a', count: 2 }),
      ),
    ).toEqual({
      user: { phone: hashOf('12025550123'), ip: [hashOf('a'), ''] },
      ...{ code: 'E1', nickname: hashOf('a'), count: 2 },
    });
    expect(hide('{"id": "a", "user": {"id": "a"}}')).toEqual({ id: 'a', user: { id: hashOf('a') } });
  });

  it('goes out of sentences, which stay readable', () => {
    const phone = '+1 (202) 555-0123';
    expect(hideText(`Bad email jo@example.com, ip 203.0.113.7, phone ${phone} in data[3]`)).toBe(
      `Bad email ${hashOf('jo@example.com,')} ip ${hashOf('203.0.113.7')}, phone ${hashOf(phone)} in data[3]`,
    );
    expect(hide('{"code":40002,"message":"user.ip 203.0.113.7 is invalid"}')).toEqual({
      code: 40002,
      message: `user.ip ${hashOf('203.0.113.7')} is invalid`,
    });
  });

  it('is not even looked for in what is no JSON', () => {
    expect(hide('<html>jo@example.com</html>')).toBe('[27 bytes that are no JSON]');
    expect([hide(null), hide('')]).toEqual([null, null]);
    expect(hide('"text"')).toBe(hashOf('text'));
  });
});
