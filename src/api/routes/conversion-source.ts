import { z } from '@hono/zod-openapi';
import {
  type ConversionSource,
  readConversionSource,
  replayConversionSource,
  writeConversionSource,
} from '../../db/queries/conversion-sources.ts';
import { existingDestinations } from '../../db/queries/insert-conversions.ts';
import {
  countOrderConversions,
  listOrderConversions,
  type OrderConversion,
  type OrderConversionFilter,
} from '../../db/queries/order-conversions.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openFields, sealCursor } from '../list-cursor.ts';
import { refuseBoundKey } from '../principal.ts';
import { badRequest, RequestError } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { page, shopParameter, time } from './common.schema.ts';
import {
  conversionSource,
  conversionSourceChange,
  conversionSourceReplay,
  orderConversion,
  orderConversionFilters,
  replayedOrders,
} from './conversion-source.schema.ts';

const path = '/api/v1/shops/{shop}/conversion_source';
const tag = 'Conversions';

/** A shop's paid orders as a source of conversions, and what was decided about each. */
export function addConversionSourceRoutes(tools: RouteTools, dependencies: ApiDependencies): void {
  addSettings(tools, dependencies);
  addReplay(tools, dependencies);
  addDecisions(tools, dependencies);
}

function addSettings(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag,
      operationId: 'readConversionSource',
      summary: "Whether a shop's paid orders are told as purchases",
      scope: 'read',
      params: shopParameter,
      responses: { 200: { description: 'The source', schema: conversionSource } },
      problems: [404],
    },
    async ({ principal, params }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: shown(await readConversionSource(scope, sql)) };
    },
  );

  addRoute(
    tools,
    {
      method: 'put',
      path,
      tag,
      operationId: 'writeConversionSource',
      summary: "Tell a shop's paid orders as purchases, or stop it",
      description:
        'Off by default. What is left out stays as it is. Orders that were paid since `paid_from` are told, those that are stored already included.',
      scope: 'admin',
      params: shopParameter,
      body: { schema: conversionSourceChange, required: true },
      alsoRefused: 'destinations that do not exist',
      responses: { 200: { description: 'The source as it is now', schema: conversionSource } },
      problems: [404, 503],
    },
    async ({ principal, params, body }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      // Its events go to destinations of the whole installation.
      refuseBoundKey(principal);
      if (Object.keys(body).length === 0)
        throw badRequest([{ path: 'body', message: 'must change something.' }]);
      await refuseUnknownDestinations(body.destinations ?? []);
      const before = await readConversionSource(scope, sql);
      const paidFrom = body.paid_from === undefined ? before.paidFrom : new Date(body.paid_from);
      const source = {
        enabled: body.enabled ?? before.enabled,
        paidFrom: paidFrom ?? new Date(),
        destinations: body.destinations === undefined ? before.destinations : body.destinations,
      };
      await writeConversionSource(scope, sql, source);
      return { status: 200, body: shown(source) };
    },
  );

  async function refuseUnknownDestinations(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const existing = await existingDestinations(sql, ids);
    const errors = ids.flatMap((id, place) =>
      existing.has(id)
        ? []
        : [{ path: `destinations.${place}`, message: 'is no destination of this installation.' }],
    );
    if (errors.length > 0) throw badRequest(errors);
  }
}

function addReplay(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: `${path}/replay`,
      tag,
      operationId: 'replayConversionSource',
      summary: 'Look again at the orders that were paid in a range',
      description: 'Also at those paid before `paid_from`. What was told already is not told a second time.',
      scope: 'write',
      params: shopParameter,
      body: { schema: conversionSourceReplay, required: true },
      alsoRefused: '`from` that is not before `to`',
      responses: { 202: { description: 'They will be', schema: replayedOrders } },
      problems: [404, 409],
    },
    async ({ principal, params, body }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      refuseBoundKey(principal);
      const from = new Date(body.from);
      const to = body.to === undefined ? new Date() : new Date(body.to);
      if (from >= to) throw badRequest([{ path: 'from', message: 'must be before to.' }]);
      if (!(await readConversionSource(scope, sql)).enabled) throw switchedOff();
      return { status: 202, body: { orders: await replayConversionSource(scope, sql, { from, to }) } };
    },
  );
}

const position = z.strictObject({ decidedAt: time, orderId: z.string() });

function addDecisions(tools: RouteTools, { sql, shops }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/shops/{shop}/order_conversions',
      tag,
      operationId: 'listOrderConversions',
      summary: "What was decided about a shop's paid orders, newest first",
      description:
        'With what became of those that were cancelled, or became less, after their purchase was told: `withheld` was not sent any more, `stands` was or may have been counted (no platform takes a purchase back by the interfaces in use), `not_counted` never was.',
      scope: 'read',
      params: shopParameter,
      query: orderConversionFilters,
      responses: { 200: { description: 'Decisions', schema: page(orderConversion) } },
      problems: [404],
    },
    async ({ principal, params, query }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      const filter: OrderConversionFilter = {
        orderId: query.order_id ?? null,
        decision: query.decision ?? null,
        followUp: query.follow_up ?? null,
      };
      const list = ['order_conversions', scope.shopId, filter];
      const after = query.cursor === undefined ? null : openFields(list, query.cursor, position);
      const found = await listOrderConversions(scope, sql, filter, { after, limit: query.limit + 1 });
      const last = found.length > query.limit ? found[query.limit - 1] : undefined;
      const body = {
        data: found
          .slice(0, query.limit)
          .map((one) => ({ ...one, decided_at: one.decided_at.toISOString() })),
        next_cursor: last === undefined ? null : sealCursor(list, positionOf(last)),
      };
      if (!query.with_total) return { status: 200, body };
      return { status: 200, body: { ...body, total: await countOrderConversions(scope, sql, filter) } };
    },
  );
}

function positionOf({ decided_at, order_id }: OrderConversion): string {
  return JSON.stringify({ decidedAt: decided_at.toISOString(), orderId: order_id });
}

function shown({ enabled, paidFrom, destinations }: ConversionSource) {
  return { enabled, paid_from: paidFrom?.toISOString() ?? null, destinations };
}

function switchedOff(): RequestError {
  return new RequestError({
    status: 409,
    code: 'conversion-source-off',
    message: 'The orders of the shop are no source of conversions.',
    action: 'Switch it on with PUT /api/v1/shops/{shop}/conversion_source.',
  });
}
