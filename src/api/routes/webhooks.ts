import { z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import {
  countWebhooks,
  listWebhooks,
  showWebhook,
  type WebhookFilter,
} from '../../db/queries/list-webhook-events.ts';
import { replayWebhook } from '../../db/queries/webhook-events.ts';
import { webhookListing } from '../../exports/listings/operations.ts';
import { type WebhookSource, webhookSources } from '../../webhooks/sources.ts';
import { readWebhookId } from '../../webhooks/webhook-id.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { openPosition, sealCursor } from '../list-cursor.ts';
import { addListRoute } from '../list-route.ts';
import { refuseBoundKey } from '../principal.ts';
import { badRequest, notFound, problemResponse, RequestError } from '../problem.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { page, problemResponses } from './common.schema.ts';
import { webhookEvent, webhookFilters, webhookParameter } from './webhooks.schema.ts';

/** Webhooks are a few kilobytes. */
const largestWebhook = 1024 * 1024;

const summaries: Record<WebhookSource, { mediaType: string; summary: string; header: string }> = {
  acuity: {
    mediaType: 'application/x-www-form-urlencoded',
    summary: 'A webhook of Acuity Scheduling',
    header: 'X-Acuity-Signature',
  },
  stripe: { mediaType: 'application/json', summary: 'A webhook of Stripe', header: 'Stripe-Signature' },
};

/** Webhooks of conversion sources, and what became of them. */
export function addWebhookRoutes(tools: RouteTools, dependencies: ApiDependencies): void {
  for (const source of webhookSources) addReceiver(tools, dependencies, source);
  addLists(tools, dependencies);
}

/** Outside of `addRoute`, because nothing may look at the body before its signature is checked. */
function addReceiver({ app }: RouteTools, { inbox, logger }: ApiDependencies, source: WebhookSource): void {
  const { mediaType, summary, header } = summaries[source];
  const path = `/webhooks/${source}`;
  app.openAPIRegistry.registerPath({
    method: 'post',
    path,
    tags: ['Webhooks'],
    operationId: `receive${source[0]?.toUpperCase()}${source.slice(1)}Webhook`,
    summary,
    description: `Signed in \`${header}\` over the raw body. Acknowledged once it is durable; a repeat does nothing.`,
    security: [],
    request: { body: { required: true, content: { [mediaType]: { schema: z.unknown() } } } },
    responses: {
      200: {
        description: 'Stored',
        content: { 'application/json': { schema: z.strictObject({ received: z.literal(true) }) } },
      },
      ...problemResponses([400, 401, 413, 421, 503]),
    },
  });
  const limit = bodyLimit({
    maxSize: largestWebhook,
    onError: (context) =>
      problemResponse(context, {
        status: 413,
        code: 'body-too-large',
        detail: 'The body is larger than 1 MB.',
      }),
  });
  app.post(path, limit, async (context) => {
    const body = Buffer.from(await context.req.arrayBuffer());
    const receipt = await inbox.receive(source, body, (name) => context.req.header(name));
    if (receipt === 'unsigned') {
      logger.warn(
        { request_id: context.get('requestId'), source },
        'A webhook was not signed as it must be.',
      );
      const message = `The signature in ${header} is missing, too old, or not that of this body.`;
      throw new RequestError({ status: 401, code: 'signature-wrong', message });
    }
    if (receipt === 'malformed') {
      throw badRequest([{ path: 'body', message: `is nothing that ${source} sends.` }]);
    }
    return context.json({ received: true });
  });
}

function addLists(tools: RouteTools, { sql, wakeWebhooks }: ApiDependencies): void {
  const filterOf = (
    query: { [Field in keyof WebhookFilter]?: WebhookFilter[Field] | undefined },
  ): WebhookFilter => ({
    source: query.source ?? null,
    status: query.status ?? null,
    topic: query.topic ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
  });

  addListRoute(
    tools,
    {
      path: '/api/v1/webhook_events',
      tag: 'Webhooks',
      operationId: 'listWebhookEvents',
      summary: 'Webhooks and what became of them, newest first',
      scope: 'read',
      query: webhookFilters,
      responses: { 200: { description: 'Webhooks', schema: page(webhookEvent) } },
      item: webhookEvent,
      listing: webhookListing,
      async select({ principal, query }) {
        refuseBoundKey(principal);
        return { shop: null, scope: null, selection: filterOf(query) };
      },
    },
    async ({ principal, query }) => {
      refuseBoundKey(principal);
      const filter = filterOf(query);
      const list = ['webhook_events', filter];
      const after = query.cursor === undefined ? null : openPosition(list, query.cursor);
      const found = await listWebhooks(sql, filter, { after, limit: query.limit + 1 });
      const last = found.length > query.limit ? found[query.limit - 1] : undefined;
      const data = found.slice(0, query.limit).map(showWebhook);
      const body = {
        data,
        next_cursor: last === undefined ? null : sealCursor(list, String(last.webhook_key)),
      };
      return {
        status: 200,
        body: query.with_total ? { ...body, total: await countWebhooks(sql, filter) } : body,
      };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path: '/api/v1/webhook_events/{webhook_id}/replay',
      tag: 'Webhooks',
      operationId: 'replayWebhookEvent',
      summary: 'Work on a webhook again',
      description: 'An event that it has led to already is not made a second time.',
      scope: 'write',
      params: webhookParameter,
      responses: {
        202: {
          description: 'It will be',
          schema: z.strictObject({ id: z.string(), status: z.literal('received') }),
        },
      },
      problems: [404],
    },
    async ({ principal, params }) => {
      refuseBoundKey(principal);
      const key = readWebhookId(params.webhook_id);
      const source = key === null ? null : await replayWebhook(sql, key);
      if (source === null) throw notFound('webhook whose body is still kept');
      wakeWebhooks([source as WebhookSource]);
      return { status: 202, body: { id: params.webhook_id, status: 'received' } };
    },
  );
}
