import { z } from '@hono/zod-openapi';
import {
  changeDestination,
  createDestination,
  deleteDestination,
  findDestination,
  UnfitSettings,
} from '../../conversions/change-destinations.ts';
import { type Destination, listDestinations } from '../../conversions/destinations.ts';
import { destinationListing } from '../../exports/listings/destinations.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openCursor, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { refuseBoundKey } from '../principal.ts';
import { badRequest } from '../problem.ts';
import { noFields } from '../request.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { paging } from './common.schema.ts';
import {
  destination,
  destinationChange,
  destinationList,
  destinationParameter,
  newDestination,
} from './destinations.schema.ts';

const path = '/api/v1/destinations';
const tag = 'Destinations';
const one = { description: 'The destination', schema: destination };

/** Where conversions are sent. */
export function addDestinationRoutes(tools: RouteTools, { deliveryTools }: ApiDependencies): void {
  addListRoute(
    tools,
    {
      path,
      tag,
      operationId: 'listDestinations',
      summary: 'All destinations, without their secrets',
      description: 'In files, the names of the secrets that are set are left out.',
      scope: 'read',
      query: z.strictObject(paging),
      responses: { 200: { description: 'Destinations', schema: destinationList } },
      item: destination,
      listing: destinationListing,
      async select({ principal }) {
        refuseBoundKey(principal);
        return { shop: null, scope: null, selection: {}, leftOut: ['secrets'] };
      },
    },
    async ({ principal, query: { limit, cursor, with_total } }) => {
      refuseBoundKey(principal);
      const after = cursor === undefined ? '' : openCursor('destinations', cursor);
      const { sql, conversionKey, findKind } = deliveryTools;
      const all = await listDestinations(sql, await conversionKey(), findKind);
      const further = all.filter(({ id }) => id > after).sort((left, right) => (left.id < right.id ? -1 : 1));
      const data = further.slice(0, limit);
      const last = further.length > limit ? data.at(-1) : undefined;
      const next = last === undefined ? null : sealCursor('destinations', last.id);
      const body = { data: data.map(show), next_cursor: next };
      return { status: 200, body: with_total ? { ...body, total: all.length } : body };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: `${path}/{id}`,
      tag,
      operationId: 'readDestination',
      summary: 'One destination',
      scope: 'read',
      params: destinationParameter,
      responses: { 200: one },
      problems: [404],
    },
    async ({ principal, params }) => {
      refuseBoundKey(principal);
      return { status: 200, body: show(await findDestination(deliveryTools, params.id)) };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path,
      tag,
      operationId: 'createDestination',
      summary: 'Add a destination',
      description: 'Several of one kind may stand side by side, such as several pixels.',
      scope: 'admin',
      body: { schema: newDestination, required: true },
      alsoRefused: 'settings or secrets that the kind does not take',
      responses: { 201: one },
    },
    async ({ principal, body }) => {
      refuseBoundKey(principal);
      const made = await explained(() => createDestination(deliveryTools, body));
      return { status: 201, body: show(made), headers: { Location: `${path}/${made.id}` } };
    },
  );

  addRoute(
    tools,
    {
      method: 'patch',
      path: `${path}/{id}`,
      tag,
      operationId: 'changeDestination',
      summary: 'Change a destination',
      description: 'A destination that the engine has paused goes on when its settings or secrets change.',
      scope: 'admin',
      params: destinationParameter,
      body: { schema: destinationChange, required: true },
      alsoRefused: 'settings or secrets that the kind does not take',
      responses: { 200: one },
      problems: [404],
    },
    async ({ principal, params, body }) => {
      refuseBoundKey(principal);
      return {
        status: 200,
        body: show(await explained(() => changeDestination(deliveryTools, params.id, body))),
      };
    },
  );

  addRoute(
    tools,
    {
      method: 'delete',
      path: `${path}/{id}`,
      tag,
      operationId: 'deleteDestination',
      summary: 'Delete a destination; what waits for it is skipped, its past deliveries stay',
      scope: 'admin',
      params: destinationParameter,
      body: { schema: noFields, required: false },
      responses: { 204: { description: 'Deleted' } },
      problems: [404],
    },
    async ({ principal, params }) => {
      refuseBoundKey(principal);
      await deleteDestination(deliveryTools, params.id);
      return { status: 204 };
    },
  );

  for (const [action, status, summary] of [
    ['pause', 'paused', 'Send nothing more until it is resumed; deliveries wait'],
    ['resume', 'active', 'Send again, beginning with what waits'],
  ] as const) {
    addRoute(
      tools,
      {
        method: 'post',
        path: `${path}/{id}/${action}`,
        tag,
        operationId: `${action}Destination`,
        summary,
        scope: 'admin',
        params: destinationParameter,
        body: { schema: noFields, required: false },
        responses: { 200: one },
        problems: [404],
      },
      async ({ principal, params }) => {
        refuseBoundKey(principal);
        return { status: 200, body: show(await changeDestination(deliveryTools, params.id, { status })) };
      },
    );
  }
}

async function explained(work: () => Promise<Destination>): Promise<Destination> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnfitSettings) throw badRequest([...error.faults]);
    throw error;
  }
}

function show({ id, kind, name, status, pauseReason, settings, secrets, fromEnvironment }: Destination) {
  return {
    ...{ id, kind: kind.kind, name, status, pause_reason: pauseReason, settings },
    ...{ secrets: Object.keys(secrets), from_environment: fromEnvironment },
  };
}
