/**
 * What a shop's own pages carry: it reads the identifiers that advertising platforms leave in addresses and cookies and
 * hands them to the page, which passes them on to the shop's own server. It sends nothing to anybody.
 */

type Values = Record<string, string>;

declare global {
  interface Window {
    tideline?: unknown;
  }
}

const script = document.currentScript as HTMLScriptElement | null;
const settings: DOMStringMap = script?.dataset ?? {};
const ttclidCookie = settings.ttclidCookie ?? 'ttclid';
const clickCookie = 'tideline_clicks';
const prefix = 'tideline_';
const googleIds = ['gclid', 'gbraid', 'wbraid'];
const ids: Values = {};
let allowed = settings.consent !== 'required';

function readCookie(name: string): string {
  for (const part of document.cookie.split('; ')) {
    if (part.startsWith(`${name}=`)) return decode(part.slice(name.length + 1));
  }
  return '';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Another program's cookie need not be encoded.
    return text;
  }
}

function writeCookie(name: string, value: string, days: number): void {
  const domain = settings.cookieDomain ? `; domain=${settings.cookieDomain}` : '';
  const secure = location.protocol === 'https:' ? '; secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers.
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${days * 86_400}; samesite=lax${domain}${secure}`;
}

/** Keeps the click that led here for the pages that follow. */
function keepClicks(): void {
  const address = new URLSearchParams(location.search);
  const [ttclid, fbclid] = [address.get('ttclid'), address.get('fbclid')];
  if (ttclid) writeCookie(ttclidCookie, ttclid, 30);
  if (fbclid && !readCookie('_fbc').endsWith(`.${fbclid}`))
    writeCookie('_fbc', `fb.1.${Date.now()}.${fbclid}`, 90);
  const clicks = googleIds.filter((name) => address.get(name)).map((name) => [name, address.get(name) ?? '']);
  if (clicks.length > 0) writeCookie(clickCookie, String(new URLSearchParams(clicks)), 90);
}

/** The same on a page for the same event: for the pixel and for the server. */
function eventId(name = ''): string {
  ids[name] ??= crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  return ids[name];
}

function collect(name?: string): Values {
  const values: Values = { event_id: eventId(name) };
  if (!allowed) return values;
  const clicks = new URLSearchParams(readCookie(clickCookie));
  const found: Values = {
    ttclid: readCookie(ttclidCookie),
    ttp: readCookie('_ttp'),
    fbc: readCookie('_fbc'),
    fbp: readCookie('_fbp'),
    page_url: location.href,
    page_referrer: document.referrer,
  };
  for (const id of googleIds) found[id] = clicks.get(id) ?? '';
  for (const [key, value] of Object.entries(found)) if (value) values[key] = value;
  return values;
}

/** Puts what was collected into hidden fields of a form. */
function fill(form: HTMLFormElement, name?: string): void {
  for (const [key, value] of Object.entries(collect(name))) {
    const field =
      form.querySelector<HTMLInputElement>(`input[name="${prefix}${key}"]`) ??
      form.appendChild(
        Object.assign(document.createElement('input'), { type: 'hidden', name: prefix + key }),
      );
    field.value = value;
  }
}

function consent(given: boolean): void {
  allowed = given;
  if (given) keepClicks();
  else for (const name of [ttclidCookie, clickCookie]) writeCookie(name, '', 0);
}

document.addEventListener(
  'submit',
  ({ target }) => {
    if (target instanceof HTMLFormElement && target.dataset.tideline !== undefined)
      fill(target, target.dataset.tideline);
  },
  true,
);
if (allowed) keepClicks();
window.tideline = { collect, consent, eventId, fill };

export {};
