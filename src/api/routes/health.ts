import { z } from '@hono/zod-openapi';
import type { ApiDependencies } from '../dependencies.ts';
import { RequestError } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';

/** Whether the process lives, and whether it can do its work. */
export function addHealthRoutes(tools: RouteTools, { checkReadiness, settings }: ApiDependencies): void {
  addRoute(
    tools,
    {
      method: 'get',
      path: '/health/live',
      tag: 'Operations',
      operationId: 'readLiveness',
      summary: 'Whether the process answers',
      scope: null,
      responses: {
        200: { description: 'It does', schema: z.strictObject({ status: z.literal('live') }) },
      },
    },
    async () => ({ status: 200, body: { status: 'live' } }),
  );

  addRoute(
    tools,
    {
      method: 'get',
      path: '/health/ready',
      tag: 'Operations',
      operationId: 'readReadiness',
      summary: 'Whether database, migrations and Temporal are there',
      scope: null,
      responses: {
        200: {
          description: 'Everything is there',
          schema: z.strictObject({
            status: z.literal('ready'),
            checks: z.record(z.string(), z.literal('ok')),
          }),
        },
      },
      problems: [503],
    },
    async () => {
      const checks = await checkReadiness();
      const faults = checks.flatMap(({ name, fault }) =>
        fault === null ? [] : [{ path: name, message: fault }],
      );
      if (faults.length > 0) {
        throw new RequestError({
          status: 503,
          code: 'not-ready',
          message: `Not ready: ${faults.map(({ path, message }) => `${path}: ${message}`).join(' ')}`,
          errors: faults,
        });
      }
      const body = { status: 'ready', checks: Object.fromEntries(checks.map(({ name }) => [name, 'ok'])) };
      // Another installation may have taken the port: the supervisor looks whether this answer is its own child's.
      const headers = settings.instance ? { 'X-Tideline-Instance': settings.instance } : {};
      return { status: 200, body, headers };
    },
  );
}
