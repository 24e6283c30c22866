import type { SimulatedShop } from '../shops.ts';
import type { Simulation } from '../simulation.ts';
import { page, type Reply, refusal, success } from './reply.ts';
import type { PlatformRequest } from './request.ts';

/** `GET` and `POST /open/authorize`: the seller's consent, then back to the redirect URI with a code or a refusal. */
export function authorize(simulation: Simulation, request: PlatformRequest): Reply {
  const form = new Map(request.query);
  if (request.method === 'POST') {
    for (const [name, value] of new URLSearchParams(request.body.toString('utf8'))) {
      form.set(name, name === 'shop' && form.has('shop') ? `${form.get('shop')},${value}` : value);
    }
  }
  if (form.get('service_id') !== simulation.options.serviceId) {
    return page(
      400,
      consentHtml('<h1>Unknown service</h1><p>This <code>service_id</code> is not known here.</p>'),
    );
  }
  const answer =
    request.method === 'POST'
      ? form.get('answer')
      : (form.get('auto') ?? simulation.options.autoConsent ?? undefined);
  const seller = Number(form.get('seller') ?? 0);
  const shops = simulation.shops.filter((shop) => shop.seller === seller);
  if (answer === 'deny')
    return redirect(simulation, { code: 'null', error: 'auth_denied', state: form.get('state') });
  if (answer === 'allow') {
    // A browser's form with every box unticked names no shop; a script that names none means all.
    const chosen = form.get('shop')?.split(',') ?? (form.get('listed') === 'yes' ? [] : undefined);
    const allowed = shops.filter((shop) => chosen === undefined || chosen.includes(shop.id));
    if (allowed.length === 0)
      return page(400, consentHtml('<h1>No shop chosen</h1><p>Choose at least one shop.</p>'));
    const code = simulation.grants.allow(
      seller,
      allowed.map((shop) => shop.id),
    );
    return redirect(simulation, {
      code,
      state: form.get('state'),
      app_key: simulation.options.appKey,
      locale: 'en',
      shop_region: allowed[0]?.region,
    });
  }
  return page(200, consentHtml(consentForm(simulation, shops, seller, form.get('state') ?? '')));
}

/** `GET /api/v2/token/get` and `/api/v2/token/refresh`: unsigned, secrets in the query (facts, section 1). */
export function tokenCall(simulation: Simulation, request: PlatformRequest, kind: 'get' | 'refresh'): Reply {
  const { options, grants, clock } = simulation;
  const query = request.query;
  const no = (code: number, message: string): Reply => refusal(200, code, message, clock.nowMs());
  if (query.get('app_key') !== options.appKey) return no(36004002, 'Invalid app_key');
  if (query.get('app_secret') !== options.appSecret) return no(36004003, 'Invalid app_secret');
  const grantType = query.get('grant_type');
  if (kind === 'get') {
    if (grantType !== 'authorized_code') return no(36004001, 'Invalid grant_type');
    const tokens = grants.exchange(query.get('auth_code') ?? '');
    return tokens === null
      ? no(36004004, 'Authorization code is invalid: used, expired or unknown')
      : success(JSON.stringify(tokens), 1, clock.nowMs());
  }
  const known =
    grantType === 'refresh_token' || (grantType === 'authorized_code' && !options.strictGrantType);
  if (!known) return no(36004001, 'Invalid grant_type');
  const tokens = grants.refresh(query.get('refresh_token') ?? '');
  return tokens === null
    ? no(36004005, 'The refresh token is invalid or expired')
    : success(JSON.stringify(tokens), 1, clock.nowMs());
}

function redirect(simulation: Simulation, values: Record<string, string | undefined>): Reply {
  const target = simulation.options.redirectUri;
  if (target === null) {
    return page(
      400,
      consentHtml(
        '<h1>No redirect URI</h1><p>Start with <code>--redirect-uri</code> or set it by the control API.</p>',
      ),
    );
  }
  const url = new URL(target);
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) url.searchParams.set(name, value);
  return { ...page(302, ''), headers: { location: url.href } };
}

function consentForm(
  simulation: Simulation,
  shops: readonly SimulatedShop[],
  seller: number,
  state: string,
): string {
  const boxes = shops
    .map(
      (shop) =>
        `<li><label><input type="checkbox" name="shop" value="${shop.id}" checked> ${escapeHtml(shop.name)} <small>${shop.id}</small></label></li>`,
    )
    .join('');
  const sellers = Array.from({ length: simulation.options.sellers }, (_, nth) =>
    nth === seller
      ? `<b>seller ${nth + 1}</b>`
      : `<a href="?service_id=${encodeURIComponent(simulation.options.serviceId)}&amp;state=${encodeURIComponent(state)}&amp;seller=${nth}">seller ${nth + 1}</a>`,
  );
  return (
    `<h1>Let this app use your shops?</h1><p>This page is a simulation of TikTok Shop's consent page. Signed in as ${sellers.join(' · ')}.</p>` +
    `<form method="post" action="/open/authorize"><ul>${boxes}</ul>` +
    `<input type="hidden" name="service_id" value="${escapeHtml(simulation.options.serviceId)}">` +
    `<input type="hidden" name="listed" value="yes"><input type="hidden" name="seller" value="${seller}"><input type="hidden" name="state" value="${escapeHtml(state)}">` +
    `<button name="answer" value="allow">Allow</button> <button name="answer" value="deny">Deny</button></form>`
  );
}

function consentHtml(content: string): string {
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Authorize – simulated TikTok Shop</title>` +
    `<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}li{list-style:none}button{font:inherit;padding:.4rem 1.2rem}</style>` +
    `<body>${content}</body></html>`
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
