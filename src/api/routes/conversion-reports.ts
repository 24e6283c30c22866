import { z } from '@hono/zod-openapi';
import { readCoverage } from '../../conversions/coverage.ts';
import { existingDestinations } from '../../db/queries/insert-conversions.ts';
import { sumDeliveries } from '../../db/reports/conversion-ledger.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { refuseBoundKey } from '../principal.ts';
import { badRequest, notFound } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { shortText, time, timeInput } from './common.schema.ts';

const day = 24 * 3_600_000;
const longestRange = 366 * day;
const usualRange = 7 * day;

const percent = z.number().nullable().openapi({ description: 'null: there are no events' });
const count = z.int().nonnegative();
const share = {
  events: count,
  parameters: z.array(z.strictObject({ parameter: z.string(), events: count, percent })),
};

const coverage = z
  .strictObject({
    destination: z.string(),
    from: time,
    to: time,
    events: count,
    parameters: z.array(
      z.strictObject({
        parameter: z.string(),
        events: count,
        percent,
        previous_percent: percent,
        target: z.number().nullable(),
        dropped: z.boolean().openapi({ description: 'Below its target, and lower than in the time before' }),
      }),
    ),
    alerts: z
      .array(z.string())
      .openapi({ description: 'A sentence for each parameter that dropped; empty: nothing did' }),
    by_event: z.array(z.strictObject({ event_name: z.string(), ...share })),
    by_day: z.array(z.strictObject({ date: z.string(), ...share })),
  })
  .openapi('ConversionCoverage');

const reasons = z.record(z.string(), count).openapi({ description: 'Deliveries by reason' });

const ledger = z
  .strictObject({
    from: time,
    to: time,
    data: z.array(
      z.strictObject({
        date: z.string(),
        destination: z.string(),
        accepted: count,
        delivered: count,
        counted: count.openapi({ description: 'Delivered, once for each name and id of the platform' }),
        waiting: count,
        expired: count,
        failed: reasons,
        skipped: reasons,
      }),
    ),
  })
  .openapi('ConversionLedger');

const range = { from: timeInput.optional(), to: timeInput.optional() };

/** What events carry, and what became of them, by day. */
export function addConversionReportRoutes(tools: RouteTools, { sql }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/conversions/coverage',
      tag: 'Conversions',
      operationId: 'readConversionCoverage',
      summary: 'The share of events that carries each parameter, beside its target',
      description: `Of the events for one destination, by the time when they were accepted. ${usual}`,
      scope: 'read',
      query: z.strictObject({ destination: shortText, event_name: shortText.optional(), ...range }),
      alsoRefused: rangeRefused,
      responses: { 200: { description: 'Coverage', schema: coverage } },
      problems: [404],
    },
    async ({ principal, query }) => {
      refuseBoundKey(principal);
      const { destination } = query;
      const dates = rangeOf(query);
      if (!(await existingDestinations(sql, [destination])).has(destination)) throw notFound('destination');
      const found = await readCoverage(sql, { destination, eventName: query.event_name ?? null, ...dates });
      return { status: 200, body: { destination, ...shown(dates), ...found } };
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/conversions/ledger',
      tag: 'Conversions',
      operationId: 'readConversionLedger',
      summary: 'What became of the events of each day, for each destination',
      description: `Every accepted event is in exactly one of the sums. Days are UTC days. ${usual}`,
      scope: 'read',
      query: z.strictObject({ destination: shortText.optional(), ...range }),
      alsoRefused: rangeRefused,
      responses: { 200: { description: 'The ledger', schema: ledger } },
    },
    async ({ principal, query }) => {
      refuseBoundKey(principal);
      const dates = rangeOf(query);
      const data = await sumDeliveries(sql, { destination: query.destination ?? null, ...dates });
      return { status: 200, body: { ...shown(dates), data } };
    },
  );
}

const usual = 'The last seven days where nothing else is asked for.';
const rangeRefused = '`from` that is not before `to`, or more than 366 days before it';

/** @throws RequestError 400 for a range that is empty or too long */
function rangeOf(query: { from?: string | undefined; to?: string | undefined }): { from: Date; to: Date } {
  const to = query.to === undefined ? new Date() : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - usualRange) : new Date(query.from);
  const length = to.getTime() - from.getTime();
  if (length <= 0) throw badRequest([{ path: 'from', message: 'must be before to.' }]);
  if (length > longestRange)
    throw badRequest([{ path: 'from', message: 'must be at most 366 days before to.' }]);
  return { from, to };
}

function shown({ from, to }: { from: Date; to: Date }): { from: string; to: string } {
  return { from: from.toISOString(), to: to.toISOString() };
}
