import { z } from '@hono/zod-openapi';
import { parseEvent } from '../../conversions/parse-event.ts';
import { showConversion } from '../../conversions/show-conversion.ts';
import { listConversions } from '../../db/queries/conversion-events.ts';
import { previewEvent } from '../../deliveries/preview.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { refuseBoundKey } from '../principal.ts';
import { badRequest, notFound } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { shortText } from './common.schema.ts';
import { conversion } from './conversions.schema.ts';
import { preview } from './deliveries.schema.ts';

const tag = 'Conversions';

const eventParameter = z.object({ event_id: z.string().min(1).max(256) });
const event = z
  .record(z.string(), z.unknown(), 'must be an event.')
  .openapi({ description: 'One event, as `POST /api/v1/conversions` takes it' });

/** What would become of an event, and what became of one. */
export function addConversionPreviewRoutes(tools: RouteTools, { sql, deliveryTools }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/conversions/preview',
      tag,
      operationId: 'previewConversion',
      summary: 'What would be sent of an event, and why not; nothing is stored or sent',
      description: 'Made by the functions that send. Tokens are left out.',
      scope: 'read',
      body: { schema: event, required: true },
      alsoRefused: 'an event that would be rejected',
      idempotent: false,
      responses: { 200: { description: 'For each destination', schema: preview } },
    },
    async ({ principal, body }) => {
      refuseBoundKey(principal);
      const parsed = parseEvent(body, Date.now() / 1_000);
      if ('faults' in parsed) throw badRequest([...parsed.faults]);
      const data = await previewEvent(deliveryTools, parsed.event, parsed.destinations);
      return { status: 200, body: { data } };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/conversions/{event_id}',
      tag,
      operationId: 'readConversion',
      summary: 'An event, where it came from, and all its deliveries',
      description: 'The newest, where several event names share the id and `event_name` does not choose.',
      scope: 'read',
      params: eventParameter,
      query: z.strictObject({ event_name: shortText.optional() }),
      responses: { 200: { description: 'The event', schema: conversion } },
      problems: [404],
    },
    async ({ principal, params, query }) => {
      refuseBoundKey(principal);
      const filter = {
        eventName: query.event_name ?? null,
        eventId: params.event_id,
        ...{ destination: null, from: null, to: null },
      };
      const [found] = await listConversions(sql, filter, { after: null, limit: 1 });
      if (found === undefined) throw notFound('event');
      return { status: 200, body: showConversion(found) };
    },
  );
}
