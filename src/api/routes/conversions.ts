import type { z } from '@hono/zod-openapi';
import { showConversion } from '../../conversions/show-conversion.ts';
import {
  type ConversionFilter,
  countConversions,
  listConversions,
} from '../../db/queries/conversion-events.ts';
import { conversionListing } from '../../exports/listings/conversions.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openPosition, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { refuseBoundKey } from '../principal.ts';
import { badRequest, RequestError } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { page } from './common.schema.ts';
import { acceptance, conversion, conversionFilters, eventsBody } from './conversions.schema.ts';

const mostEvents = 1_000;

/** Taking conversion events in, and listing them. */
export function addConversionRoutes(tools: RouteTools, { sql, intake }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/conversions',
      tag: 'Conversions',
      operationId: 'acceptConversions',
      summary: 'Accept one event, or up to 1,000',
      description:
        'Answered once the events are durable. Each is accepted, a duplicate (known by its name and id), or refused ' +
        'by itself, with its place and the reasons. Click ids are read out of `page.url`, where they win. Fields ' +
        'that are null or empty count as absent.',
      scope: 'ingest',
      body: { schema: eventsBody, required: true, keepsNul: true },
      alsoRefused: '`events` that is no list or is empty',
      audited: false,
      responses: { 202: { description: 'What became of each event', schema: acceptance } },
    },
    async ({ body }) => {
      const { differences, ...result } = await intake.acceptGiven(eventsOf(body), 'api');
      return { status: 202, body: differences.length === 0 ? result : { ...result, differences } };
    },
  );

  addListRoute(
    tools,
    {
      path: '/api/v1/conversions',
      tag: 'Conversions',
      operationId: 'listConversions',
      summary: 'Events with the state of their deliveries, newest first',
      description: 'Without anything personal. `from` and `to` are of the time when they were accepted.',
      scope: 'read',
      query: conversionFilters,
      responses: { 200: { description: 'Events', schema: page(conversion) } },
      item: conversion,
      listing: conversionListing,
      async select({ principal, query }) {
        refuseBoundKey(principal);
        return { shop: null, scope: null, selection: filterOf(query) };
      },
    },
    async ({ principal, query }) => {
      refuseBoundKey(principal);
      const filter = filterOf(query);
      const list = ['conversions', filter];
      const after = query.cursor === undefined ? null : openPosition(list, query.cursor);
      const found = await listConversions(sql, filter, { after, limit: query.limit + 1 });
      const last = found.length > query.limit ? found[query.limit - 1] : undefined;
      const body = {
        data: found.slice(0, query.limit).map(showConversion),
        next_cursor: last === undefined ? null : sealCursor(list, String(last.event_key)),
      };
      return {
        status: 200,
        body: query.with_total ? { ...body, total: await countConversions(sql, filter) } : body,
      };
    },
  );
}

/** @throws RequestError 400 for what is neither an event nor a list of events, 413 for too many of them */
function eventsOf(body: Record<string, unknown>): readonly unknown[] {
  if (!('events' in body)) return [body];
  const { events, ...others } = body;
  if (!Array.isArray(events)) throw badRequest([{ path: 'events', message: 'must be a list.' }]);
  const unknown = Object.keys(others).slice(0, 20);
  if (unknown.length > 0) {
    throw badRequest(unknown.map((path) => ({ path, message: 'is not known here.' })));
  }
  if (events.length === 0) throw badRequest([{ path: 'events', message: 'must not be empty.' }]);
  if (events.length <= mostEvents) return events;
  throw new RequestError({
    status: 413,
    code: 'too-many-events',
    message: `A request takes at most 1,000 events, not ${events.length.toLocaleString('en')}.`,
    action: 'Send the rest in further requests.',
  });
}

type AskedFilter = Omit<z.output<typeof conversionFilters>, 'limit' | 'cursor' | 'with_total'>;

function filterOf(query: AskedFilter): ConversionFilter {
  return {
    eventName: query.event_name ?? null,
    eventId: query.event_id ?? null,
    destination: query.destination ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
  };
}
