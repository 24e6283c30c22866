import { TidelineError } from '../../errors.ts';
import { durationSeconds, scheduledStreams } from '../../sync/schedules.ts';
import type { ApiDependencies, ScheduledStream } from '../dependencies.ts';
import { badRequest, notFound } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import { schedule, scheduleChange, scheduleParameter } from './sync.schema.ts';

const path = '/api/v1/shops/{shop}/schedules/{stream}';

/** When a shop's streams are synced by themselves. */
export function addScheduleRoutes(tools: RouteTools, { shops, sync }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag: 'Sync',
      operationId: 'readSchedule',
      summary: 'The schedule of a stream',
      scope: 'read',
      params: scheduleParameter,
      responses: { 200: { description: 'The schedule', schema: schedule } },
      problems: [404, 503],
    },
    async ({ principal, params }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await sync.readSchedule(shop.id, scheduledStream(params.stream)) };
    },
  );

  addRoute(
    tools,
    {
      method: 'put',
      path,
      tag: 'Sync',
      operationId: 'writeSchedule',
      summary: 'Change the schedule of a stream',
      description: 'What is left out stays as it is.',
      scope: 'sync',
      params: scheduleParameter,
      body: { schema: scheduleChange, required: true },
      alsoRefused: '`every` below 1m or above 31d, and a `jitter` longer than `every`',
      responses: { 200: { description: 'The schedule as it is now', schema: schedule } },
      problems: [404, 409, 503],
    },
    async ({ principal, params, body }) => {
      const { shop } = await seeShop(shops, principal, params.shop);
      const stream = scheduledStream(params.stream);
      if (shop.status === 'disconnected') throw disconnected();
      // Schedules that were lost with their Temporal server come back with this.
      await sync.ensureSchedules(shop.id);
      const present = await sync.readSchedule(shop.id, stream);
      const next = {
        every: body.every ?? present.every,
        jitter: body.jitter ?? present.jitter,
        paused: body.paused ?? present.paused,
      };
      if ((durationSeconds(next.jitter) ?? 0) > (durationSeconds(next.every) ?? 0)) {
        throw badRequest([{ path: 'jitter', message: 'must not be longer than "every".' }]);
      }
      return { status: 200, body: await sync.writeSchedule(shop.id, stream, next) };
    },
  );
}

function disconnected(): TidelineError {
  return new TidelineError({
    code: 'shop-disconnected',
    actor: 'user',
    status: 409,
    message: 'The shop is disconnected.',
    action: 'Connect it again at /connect/tiktok-shop.',
  });
}

function scheduledStream(name: string): ScheduledStream {
  const stream = scheduledStreams.find((known) => known === name);
  if (stream === undefined) throw notFound('schedule');
  return stream;
}
