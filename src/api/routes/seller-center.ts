import type { ApiDependencies } from '../dependencies.ts';
import { badRequest } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { shopParameter } from './common.schema.ts';
import { changesOf, sellerCenter, sellerCenterChange, sellerCenterSession } from './seller-center.schema.ts';

const path = '/api/v1/shops/{shop}/seller_center';
const tag = 'Shops';
const connection = { 200: { description: 'The connection, without its session', schema: sellerCenter } };

/** The owner's own session in the seller center: an opt-in source of product analytics, off until it is handed over. */
export function addSellerCenterRoutes(
  tools: RouteTools,
  { shops, sellerCenter: control }: Pick<ApiDependencies, 'shops' | 'sellerCenter'>,
): void {
  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag,
      operationId: 'readSellerCenter',
      summary: 'How the seller-center source of a shop stands',
      scope: 'read',
      params: shopParameter,
      responses: connection,
      problems: [404],
    },
    async ({ principal, params }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await control.read(shop.id) };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path,
      tag,
      operationId: 'connectSellerCenter',
      summary: "Hand over the owner's own session of the seller center",
      description:
        "Only for a shop of your own: handing over the session is your consent that Tideline reads product analytics with it. It reads nothing else, changes nothing, and is used only by backfills that name `source: seller_center`. The site is made for people and documents nothing of this; whether its terms allow it is for you to judge. When the session ends, or the site wants to see a human, Tideline stops at once and waits for a new session. The upload of the site's own workbook needs no session.",
      scope: 'admin',
      params: shopParameter,
      body: { schema: sellerCenterSession, required: true },
      alsoRefused: 'a cookie that is none, a seller that nothing names, a signer module that is not there',
      responses: connection,
      problems: [404, 409],
    },
    async ({ principal, params, body }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      const { cookie, seller_id: sellerId, fp, ...settings } = body;
      return {
        status: 200,
        body: await control.connect(shop.id, { cookie, sellerId, fp }, changesOf(settings)),
      };
    },
  );

  addRoute(
    tools,
    {
      method: 'patch',
      path,
      tag,
      operationId: 'changeSellerCenter',
      summary:
        'Change how the seller center is asked: its address, signer and what the requests say of the browser',
      scope: 'admin',
      params: shopParameter,
      body: { schema: sellerCenterChange, required: true },
      alsoRefused: 'a signer module that is not there',
      responses: connection,
      problems: [404, 409],
    },
    async ({ principal, params, body }) => {
      if (Object.keys(body).length === 0)
        throw badRequest([{ path: 'body', message: 'must change something.' }]);
      const { shop } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await control.change(shop.id, changesOf(body)) };
    },
  );

  addRoute(
    tools,
    {
      method: 'delete',
      path,
      tag,
      operationId: 'disconnectSellerCenter',
      summary: 'Forget the session of the seller center',
      description: 'What was read with it stays.',
      scope: 'admin',
      params: shopParameter,
      responses: { 204: { description: 'Forgotten' } },
      problems: [404],
    },
    async ({ principal, params }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      await control.disconnect(shop.id);
      return { status: 204 };
    },
  );
}
