import {
  countDeliveries,
  type DeliveryFilter,
  listDeliveries,
  readDelivery,
} from '../../deliveries/read-deliveries.ts';
import {
  cancelReplay,
  type ReplayPlan,
  readReplay,
  rehearseReplay,
  replayDelivery,
  resumeReplay,
  startReplay,
} from '../../deliveries/replay.ts';
import { deliveryListing } from '../../exports/listings/deliveries.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openPosition, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { refuseBoundKey } from '../principal.ts';
import { noFields } from '../request.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { page } from './common.schema.ts';
import {
  delivery,
  deliveryDetail,
  deliveryFilters,
  deliveryParameter,
  replay,
  replayOne,
  replayParameter,
  replayPlan,
  replayRequest,
} from './deliveries.schema.ts';

const path = '/api/v1/deliveries';
const tag = 'Deliveries';

/** What became of each event at each destination, and sending it again. */
export function addDeliveryRoutes(tools: RouteTools, dependencies: ApiDependencies): void {
  addLists(tools, dependencies);
  addReplays(tools, dependencies);
}

function addLists(tools: RouteTools, { deliveryTools }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path,
      tag,
      operationId: 'listDeliveries',
      summary: 'Deliveries, newest first',
      scope: 'read',
      query: deliveryFilters,
      responses: { 200: { description: 'Deliveries', schema: page(delivery) } },
      item: delivery,
      listing: deliveryListing,
      async select({ principal, query }) {
        refuseBoundKey(principal);
        return { shop: null, scope: null, selection: query };
      },
    },
    async ({ principal, query }) => {
      refuseBoundKey(principal);
      const { limit, cursor, with_total: withTotal, ...filter } = query;
      const list = ['deliveries', filter];
      const after = cursor === undefined ? null : openPosition(list, cursor);
      const found = await listDeliveries(deliveryTools.sql, filter, { after, limit: limit + 1 });
      const last = found.length > limit ? found[limit - 1] : undefined;
      const body = {
        data: found.slice(0, limit),
        next_cursor: last === undefined ? null : sealCursor(list, last.id.replace('dlv_', '')),
      };
      if (!withTotal) return { status: 200, body };
      return { status: 200, body: { ...body, total: await countDeliveries(deliveryTools.sql, filter) } };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/{delivery_id}`,
      tag,
      operationId: 'readDelivery',
      summary: 'A delivery with every attempt: what was sent, and what was answered',
      scope: 'read',
      params: deliveryParameter,
      responses: { 200: { description: 'The delivery', schema: deliveryDetail } },
      problems: [404],
    },
    async ({ principal, params }) => {
      refuseBoundKey(principal);
      return { status: 200, body: await readDelivery(deliveryTools, params.delivery_id) };
    },
  );
}

function addReplays(tools: RouteTools, { deliveryTools }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: `${path}/{delivery_id}/replay`,
      tag,
      operationId: 'replayDelivery',
      summary: 'Send a settled delivery again',
      description: 'What may have been counted, and could be counted twice, asks for `confirm`.',
      scope: 'write',
      params: deliveryParameter,
      body: { schema: replayOne, required: false },
      responses: { 202: { description: 'It will be sent', schema: deliveryDetail } },
      problems: [404, 409],
    },
    async ({ principal, params, body }) => {
      refuseBoundKey(principal);
      await replayDelivery(deliveryTools, params.delivery_id, body.confirm);
      return { status: 202, body: await readDelivery(deliveryTools, params.delivery_id) };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path: `${path}/replay`,
      tag,
      operationId: 'replayDeliveries',
      summary: 'Send all deliveries of a filter again, or say what that would do',
      description:
        'Without a `status` it means what ended without being delivered. What is too old, or may be counted twice, is left out.',
      scope: 'write',
      body: { schema: replayRequest, required: true },
      responses: {
        200: { description: 'What would be sent', schema: replayPlan },
        202: { description: 'The replay', schema: replay },
      },
    },
    async ({ principal, body }) => {
      refuseBoundKey(principal);
      const filter: DeliveryFilter = body.filter;
      if (!body.dry_run) {
        return { status: 202, body: await startReplay(deliveryTools, filter, body.confirm) };
      }
      const plan = await rehearseReplay(deliveryTools, filter);
      return { status: 200, body: { dry_run: true, ...plan, summary: inWords(plan) } };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/replays/{replay_id}`,
      tag,
      operationId: 'readReplay',
      summary: 'A replay and how many of its deliveries still wait',
      scope: 'read',
      params: replayParameter,
      responses: { 200: { description: 'The replay', schema: replay } },
      problems: [404],
    },
    async ({ principal, params }) => {
      refuseBoundKey(principal);
      return { status: 200, body: await readReplay(deliveryTools, params.replay_id) };
    },
  );

  for (const [action, act, summary] of [
    ['cancel', cancelReplay, 'Take back what a replay has not sent yet'],
    ['resume', resumeReplay, 'Go on with what a cancellation took back'],
  ] as const) {
    addRoute(
      tools,
      {
        method: 'post',
        path: `${path}/replays/{replay_id}/${action}`,
        tag,
        operationId: `${action}Replay`,
        summary,
        scope: 'write',
        params: replayParameter,
        body: { schema: noFields, required: false },
        responses: { 200: { description: 'The replay', schema: replay } },
        problems: [404],
      },
      async ({ principal, params }) => {
        refuseBoundKey(principal);
        return { status: 200, body: await act(deliveryTools, params.replay_id) };
      },
    );
  }
}

function inWords({ would_send: send, too_old: old, would_count_twice: twice }: ReplayPlan): string {
  return `${send} would be sent, ${old} too old, ${twice} outside the dedup window and would count twice`;
}
