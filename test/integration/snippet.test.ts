import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let script: string;

beforeAll(async () => {
  api = await startTestApi();
  script = await (await api.get('/tideline.js', null)).text();
});

afterAll(async () => {
  await api.close();
});

describe('GET /tideline.js', () => {
  it('needs no key, may be loaded by pages of any origin, and is small', async () => {
    const response = await api.send('GET', '/tideline.js?v=1', undefined, null, {
      Origin: 'https://shop.example',
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect((await response.arrayBuffer()).byteLength).toBeLessThanOrEqual(3 * 1_024);
  });

  it('is the only thing that a foreign page gets', async () => {
    for (const path of ['/', '/health/live', '/tideline.js/..%2fhealth/live']) {
      const response = await api.send('GET', path, undefined, null, { Origin: 'https://shop.example' });
      expect(response.status).toBe(403);
    }
    expect(
      (await api.send('POST', '/tideline.js', {}, null, { Origin: 'https://shop.example' })).status,
    ).toBe(403);
  });
});

interface Snippet {
  collect(name?: string): Record<string, string>;
  consent(given: boolean): void;
  eventId(name?: string): string;
  fill(form: unknown, name?: string): void;
}

interface Field {
  type: string;
  name: string;
  value: string;
}

/** As much of a browser as the snippet touches: cookies that are kept by name, and forms. */
function openPage(
  address: string,
  { cookies = {}, dataset = {} }: { cookies?: object; dataset?: object } = {},
) {
  const jar = new Map<string, string>(Object.entries(cookies));
  const written: string[] = [];
  const listeners: ((event: { target: unknown }) => void)[] = [];
  class HTMLFormElement {
    dataset: Record<string, string> = {};
    fields: Field[] = [];
    querySelector(selector: string): Field | null {
      return this.fields.find(({ name }) => selector === `input[name="${name}"]`) ?? null;
    }
    appendChild(field: Field): Field {
      this.fields.push(field);
      return field;
    }
  }
  const document = {
    currentScript: { dataset },
    referrer: 'https://ads.example/',
    createElement: () => ({}),
    addEventListener: (_: string, listener: (event: { target: unknown }) => void) =>
      void listeners.push(listener),
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(text: string) {
      written.push(text);
      const [pair = '', ...attributes] = text.split('; ');
      const [name = '', value = ''] = pair.split('=');
      if (attributes.includes('max-age=0')) jar.delete(name);
      else jar.set(name, value);
    },
  };
  const globals = { document, location: new URL(address), HTMLFormElement, URLSearchParams, crypto };
  const page = { ...globals, window: {} as { tideline: Snippet } };
  runInContext(script, createContext(page));
  return { jar, written, tideline: page.window.tideline, form: () => new HTMLFormElement(), listeners };
}

describe('the snippet on a page', () => {
  const landing = 'https://shop.example/?ttclid=E.new&gclid=G%2B1&wbraid=W1&fbclid=F.1';

  it('collects cookies, click ids and the page, and gives the event an id', () => {
    const cookies = { _ttp: 'T', _fbp: 'fb.1.2.3', ttclid: 'E.old' };
    const { tideline } = openPage(landing, { cookies });
    expect(tideline.collect('PURCHASE')).toEqual({
      event_id: tideline.eventId('PURCHASE'),
      ttclid: 'E.new',
      ttp: 'T',
      fbp: 'fb.1.2.3',
      fbc: expect.stringMatching(/^fb\.1\.\d{13}\.F\.1$/),
      gclid: 'G+1',
      wbraid: 'W1',
      page_url: landing,
      page_referrer: 'https://ads.example/',
    });
    expect(tideline.eventId('PURCHASE')).not.toBe(tideline.eventId('LEAD'));
  });

  it('keeps the click for the pages that follow', () => {
    const { jar } = openPage(landing);
    const next = openPage('https://shop.example/pay', { cookies: Object.fromEntries(jar) });
    expect(next.tideline.collect()).toMatchObject({ ttclid: 'E.new', gclid: 'G+1', wbraid: 'W1' });
    expect(next.written).toEqual([]);
    const again = openPage(landing, { cookies: Object.fromEntries(jar) });
    expect(again.jar.get('_fbc')).toBe(jar.get('_fbc'));
  });

  it('reads and writes nothing before consent, and forgets when it is taken back', () => {
    const { tideline, written, jar } = openPage(landing, {
      cookies: { _ttp: 'T' },
      dataset: { consent: 'required' },
    });
    expect(tideline.collect()).toEqual({ event_id: expect.any(String) });
    expect(written).toEqual([]);
    tideline.consent(true);
    expect(tideline.collect()).toMatchObject({ ttclid: 'E.new', ttp: 'T' });
    tideline.consent(false);
    expect(tideline.collect()).toEqual({ event_id: expect.any(String) });
    expect([jar.has('ttclid'), jar.has('tideline_clicks')]).toEqual([false, false]);
  });

  it('fills hidden fields of the forms that ask for it, each once', () => {
    const { tideline, form, listeners } = openPage(landing, { dataset: { ttclidCookie: 'clickid' } });
    const [asking, other] = [form(), form()];
    asking.dataset.tideline = 'COMPLETE_REGISTRATION';
    for (const target of [asking, asking, other, {}]) for (const listener of listeners) listener({ target });
    expect(other.fields).toEqual([]);
    const names = asking.fields.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(asking.fields).toContainEqual({
      type: 'hidden',
      name: 'tideline_event_id',
      value: tideline.eventId('COMPLETE_REGISTRATION'),
    });
    expect(asking.fields).toContainEqual({ type: 'hidden', name: 'tideline_ttclid', value: 'E.new' });
  });

  it('lives with cookies that are not encoded', () => {
    expect(openPage('https://shop.example/', { cookies: { _ttp: '%zz' } }).tideline.collect().ttp).toBe(
      '%zz',
    );
  });
});
