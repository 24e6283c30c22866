import type { ExportViewer } from '../../db/queries/exports.ts';
import type { Run } from '../../sync/types.ts';
import type { ApiDependencies, RunAction } from '../dependencies.ts';
import { notSteerable, stopExport } from '../export-control.ts';
import { type ExportRun, toRun, viewerOf } from '../export-runs.ts';
import { type Principal, scopes } from '../principal.ts';
import { noFields } from '../request.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { pollMs, streamRun } from '../run-events.ts';
import { shareReads } from '../shared-reads.ts';
import { run, runEvent, runParameter, runWithDays } from './sync.schema.ts';

const actions: Record<RunAction, string> = {
  pause: 'Pause a run; it keeps its place',
  resume: 'Let a paused run go on where it stopped',
  cancel: 'End a run; what it has stored stays',
  retry: 'Let a failed or cancelled run go on under its id',
};

/** Looking at one run and steering it. */
export function addRunRoutes(tools: RouteTools, { sync, exports, stopping }: ApiDependencies): void {
  const read = async (
    runId: string,
    { viewer, shopIds }: { viewer: ExportViewer; shopIds: readonly string[] | null },
  ): Promise<Run | ExportRun> => {
    const found = await exports.find(runId, viewer);
    return found === null ? sync.read(runId, shopIds) : toRun(found, exports.temporalUrl(found.workflowId));
  };
  const seeRun = (principal: Principal, runId: string): Promise<Run | ExportRun> =>
    read(runId, { viewer: viewerOf(principal), shopIds: principal.shopIds });
  // However many follow a run, it is read once for all of them: who may see it was asked before.
  const readShared = shareReads(
    (runId) => read(runId, { viewer: { shopIds: null, scopes }, shopIds: null }),
    {
      freshMs: pollMs - 100,
    },
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/syncs/{run_id}',
      tag: 'Sync',
      operationId: 'readSync',
      summary: 'One run',
      scope: 'read',
      params: runParameter,
      responses: { 200: { description: 'The run', schema: runWithDays } },
      problems: [404],
    },
    async ({ principal, params }) => {
      const seen = await seeRun(principal, params.run_id);
      if (seen.stream !== 'analytics') return { status: 200, body: seen };
      return { status: 200, body: { ...seen, days: await sync.readDays(seen.run_id) } };
    },
  );

  for (const action of ['pause', 'resume', 'cancel', 'retry'] as const) {
    addRoute(
      tools,
      {
        method: 'post',
        path: `/api/v1/syncs/{run_id}/${action}`,
        tag: 'Sync',
        operationId: `${action}Sync`,
        summary: actions[action],
        scope: 'sync',
        params: runParameter,
        body: { schema: noFields, required: false },
        responses: { 200: { description: 'The run as it is now', schema: run } },
        problems: [404, 409, 503],
      },
      async ({ principal, params }) => {
        const found = await exports.find(params.run_id, viewerOf(principal));
        if (found === null) {
          const seen = await seeRun(principal, params.run_id);
          return { status: 200, body: await sync.control(seen.run_id, action) };
        }
        if (action !== 'cancel') throw notSteerable(found.status, action);
        await stopExport(exports, found);
        return { status: 200, body: await seeRun(principal, found.runId) };
      },
    );
  }

  addRoute(
    tools,
    {
      method: 'get',
      path: '/api/v1/syncs/{run_id}/events',
      tag: 'Sync',
      operationId: 'followSync',
      summary: 'Progress of a run as server-sent events',
      description:
        'An event `progress` whenever something changed: the progress object with `run_id`, `status` and `counts`. ' +
        'When the run is over, an event `end` with the run, and the stream closes. Reconnecting with ' +
        '`Last-Event-ID` leaves out what was seen.',
      scope: 'read',
      params: runParameter,
      responses: { 200: { description: 'Events', schema: runEvent, mediaType: 'text/event-stream' } },
      problems: [404],
    },
    async ({ context, principal, params }) => {
      const first = await seeRun(principal, params.run_id);
      return streamRun(context, { first, read: () => readShared(first.run_id), stopping });
    },
  );
}
