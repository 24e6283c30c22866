import { randomBytes } from 'node:crypto';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { redeemConnectLink } from '../connect-links.ts';
import type { ApiContext } from '../context.ts';
import type { ApiDependencies, ConsentResult } from '../dependencies.ts';
import { startFirstSyncs } from '../first-syncs.ts';
import { hasScope } from '../principal.ts';
import { badRequest, RequestError } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { callbackQuery, connectQuery } from './shops.schema.ts';

const bindingCookie = 'tideline_connect';
const path = '/connect/tiktok-shop';
const minutesForConsent = 30;

/** The consent of a seller: out to TikTok and back. */
export function addConnectRoutes(tools: RouteTools, dependencies: ApiDependencies): void {
  const { sql, consent, settings } = dependencies;

  const admit = async (context: ApiContext, link: string | undefined): Promise<void> => {
    if (link !== undefined) {
      if (await redeemConnectLink(sql, link)) return;
      const message = 'This link was used already, is over, or never was one.';
      throw new RequestError({ status: 401, code: 'connect-link-invalid', message });
    }
    const principal = await tools.authenticate(context);
    if (!hasScope(principal, 'admin') || principal.shopIds !== null) {
      const message = 'Connecting a shop needs a key with the scope "admin" that is not bound to shops.';
      throw new RequestError({ status: 403, code: 'missing-scope', message });
    }
  };

  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag: 'Shops',
      operationId: 'connectShop',
      summary: "Begin a seller's consent",
      description:
        'Takes a dashboard session, an admin key as bearer, or a one-time `link`. Redirects to TikTok and sets a ' +
        'short-lived cookie that the callback must bring back.',
      scope: null,
      onlyGet: true,
      query: connectQuery,
      responses: { 302: { description: "To TikTok's consent page" } },
      problems: [401, 403, 503],
    },
    async ({ context, query }) => {
      await admit(context, query.link);
      const known = getCookie(context, bindingCookie);
      // A second tab keeps the binding of the first, so that both consents can be completed.
      const binding =
        known !== undefined && /^[\w-]{43}$/.test(known) ? known : randomBytes(32).toString('base64url');
      return tools.audit.follow(context, 'connectShop', async () => {
        const url = await consent.begin({ binding, startSync: query.sync, choose: query.choose });
        setCookie(context, bindingCookie, binding, {
          path: '/connect/',
          httpOnly: true,
          sameSite: 'Lax',
          secure: settings.publicUrl.startsWith('https:'),
          maxAge: minutesForConsent * 60,
        });
        return context.redirect(url, 302);
      });
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/callback`,
      tag: 'Shops',
      operationId: 'completeConnection',
      summary: "The seller's answer, as TikTok sends it",
      scope: null,
      query: callbackQuery,
      openQuery: true,
      onlyGet: true,
      alsoRefused: 'a `state` that this browser did not begin with',
      responses: { 302: { description: 'To the dashboard: `/`, or the page that says why it was refused' } },
      problems: [503],
    },
    async ({ context, query }) => {
      const binding = getCookie(context, bindingCookie);
      const { state, code, error = null } = query;
      if (binding === undefined) {
        const message = 'does not belong to this browser: begin at /connect/tiktok-shop.';
        throw badRequest([{ path: 'state', message }]);
      }
      return tools.audit.follow(context, 'completeConnection', async (note) => {
        const result = await consent.complete({
          binding,
          state,
          // TikTok sends the word "null" as the code of a refusal.
          code: code === undefined || code === 'null' || code === '' ? null : code,
          error,
        });
        deleteCookie(context, bindingCookie, { path: '/connect/' });
        if (result.outcome === 'refused') {
          return context.redirect(`/connect/refused?reason=${encodeURIComponent(result.reason)}`, 302);
        }
        note({ shop_id: result.shopIds.join(',') });
        await beginSyncs(dependencies, result);
        return context.redirect('/', 302);
      });
    },
  );
}

/** A fault in starting one shop's sync is logged and shown with the shop; the grant is stored all the same. */
async function beginSyncs(
  { shops, sync, logger }: ApiDependencies,
  { shopIds, startSync }: Extract<ConsentResult, { outcome: 'connected' }>,
): Promise<void> {
  for (const shopId of shopIds) {
    const shop = await shops.find(shopId);
    if (shop === null) continue;
    try {
      await sync.ensureSchedules(shopId);
      await sync.resumeParked(shopId);
      if (startSync && shop.sync_enabled) {
        await startFirstSyncs(sync, shopId);
      }
    } catch (error) {
      logger.error(
        { err: error, shop_id: shopId },
        'The shop is connected, but its sync could not be started.',
      );
    }
  }
}
