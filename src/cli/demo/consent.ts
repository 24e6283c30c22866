import { TidelineError } from '../../errors.ts';

export interface ConsentOptions {
  /** Origin of Tideline's API. */
  apiUrl: string;
  key: string;
  signal: AbortSignal;
}

/**
 * Walks the OAuth flow as a browser would: Tideline sends it to the consent page, the seller allows, the platform
 * sends it back to Tideline. Full syncs are left to the demo, which shows their progress.
 */
export async function walkConsent({ apiUrl, key, signal }: ConsentOptions): Promise<void> {
  const begun = await fetch(`${apiUrl}/connect/tiktok-shop?sync=false`, {
    redirect: 'manual',
    headers: { authorization: `Bearer ${key}` },
    signal,
  });
  const page = redirectOf(begun, 'GET /connect/tiktok-shop');
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .join('; ');
  const callback = await allow(page, signal);
  if (callback.origin !== new URL(apiUrl).origin) {
    throw broken(`The consent page sent the browser to ${callback.origin} instead of ${apiUrl}.`);
  }
  const ended = await fetch(callback, { redirect: 'manual', headers: { cookie }, signal });
  const landing = redirectOf(ended, 'The callback');
  if (landing.pathname !== '/') throw broken(`The callback ended at ${landing.pathname} instead of /.`);
}

/** Presses "allow" on the consent page, for all shops of the seller. */
async function allow(page: URL, signal: AbortSignal): Promise<URL> {
  const shown = await fetch(page, { redirect: 'manual', signal });
  // A simulator may be told to answer by itself.
  if (shown.status === 302) return redirectOf(shown, 'The consent page');
  const html = await shown.text();
  if (shown.status !== 200 || !html.includes('value="allow"')) {
    throw broken(`The consent page answered with ${shown.status} and no way to allow.`);
  }
  const body = new URLSearchParams({ answer: 'allow' });
  return redirectOf(await fetch(page, { method: 'POST', body, redirect: 'manual', signal }), 'Allowing');
}

function redirectOf(response: Response, what: string): URL {
  const location = response.headers.get('location');
  if (response.status < 300 || response.status >= 400 || location === null) {
    throw broken(`${what} answered with ${response.status} instead of a redirect.`);
  }
  return new URL(location, response.url);
}

function broken(message: string): TidelineError {
  return new TidelineError({ code: 'demo-consent-failed', message, actor: 'us' });
}
