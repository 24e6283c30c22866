import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { parseEvent } from '../../conversions/parse-event.ts';
import { sendTestEvent } from '../../deliveries/send-test.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { issueMessage } from '../issue-messages.ts';
import { notFound, RequestError } from '../problem.ts';
import type { RouteTools } from '../route.ts';
import { problemResponses } from './common.schema.ts';

const routes = [
  { path: '/api/test/tiktok', id: 'tiktok', secret: 'tiktok', operationId: 'sendTikTokTest' },
  { path: '/api/test/meta', id: 'meta', secret: 'meta', operationId: 'sendMetaTest' },
  { path: '/api/test/google-ads', id: 'google_ads', secret: 'googleAds', operationId: 'sendGoogleAdsTest' },
] as const;

const text = z.union([z.string(), z.number()]).nullish();

const testEvent = z
  .object({
    eventId: text,
    eventName: z.string(),
    eventTime: text,
    ...{ ttclid: text, ttp: text, fbc: text, fbp: text, gclid: text, gbraid: text, wbraid: text },
    ...{ email: text, phone: text, externalId: text, ip: text, userAgent: text },
    ...{ pageUrl: text, pageReferrer: text, value: text, currency: text },
  })
  .openapi('TestEvent');

const result = z
  .strictObject({
    ok: z.boolean(),
    status: z.int().nullable().optional(),
    body: z.string().optional(),
    requestBody: z.string().optional(),
    skipped: z.literal(true).optional(),
    reason: z.string().optional(),
  })
  .openapi('TestResult');

/**
 * Routes that send one event at once, for trying out a set-up: the only ones that call a platform in a request. They
 * have a secret of their own, and answer 200 whatever comes of the event. Outside of `addRoute`, because nothing may
 * look at the body before the secret is checked.
 */
export function addTestEventRoutes({ app }: RouteTools, { deliveryTools }: ApiDependencies): void {
  for (const { path, id, secret: name, operationId } of routes) {
    app.openAPIRegistry.registerPath({
      method: 'post',
      path,
      tags: ['Destinations'],
      operationId,
      summary: 'Send one event now and show the answer',
      description: 'Opened by `Authorization: Bearer` with the test secret of the environment.',
      security: [],
      request: { body: { required: true, content: { 'application/json': { schema: testEvent } } } },
      responses: {
        200: { description: 'What came of it', content: { 'application/json': { schema: result } } },
        ...problemResponses([400, 401, 404, 413, 421]),
      },
    });
    app.post(path, async (context) => {
      const secret = deliveryTools.config.testSecrets[name];
      if (secret === null) throw notFound('path');
      if (!isSame(context.req.header('authorization') ?? '', `Bearer ${secret}`)) {
        const message = 'The test secret is missing or wrong.';
        throw new RequestError({ status: 401, code: 'unauthenticated', message });
      }
      const parsed = readTestEvent(await context.req.text());
      if ('reason' in parsed) {
        return context.json({ ok: false, status: null, body: parsed.reason, requestBody: '' });
      }
      return context.json(await sendTestEvent(deliveryTools, id, parsed.event));
    });
  }
}

function readTestEvent(body: string) {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch (error) {
    // A RangeError is nesting deeper than the parser's stack.
    if (error instanceof SyntaxError || error instanceof RangeError) {
      return { reason: 'The body is not valid JSON.' };
    }
    throw error;
  }
  const parsed = testEvent.safeParse(given, { error: issueMessage });
  if (!parsed.success) {
    return {
      reason: inWords(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))),
    };
  }
  const { data } = parsed;
  const { ttclid, ttp, fbc, fbp, gclid, gbraid, wbraid, email, phone, ip } = data;
  const now = Date.now() / 1_000;
  const result = parseEvent(
    {
      event_id: String(data.eventId ?? `test-${Math.round(now * 1_000)}`),
      event_name: data.eventName,
      event_time: data.eventTime ?? Math.floor(now),
      user: {
        ...{ email, phone, ip, external_id: data.externalId, user_agent: data.userAgent },
        ...{ ttclid, ttp, fbc, fbp, gclid, gbraid, wbraid },
      },
      page: { url: data.pageUrl, referrer: data.pageReferrer },
      properties: { value: data.value, currency: data.currency },
    },
    now,
  );
  return 'faults' in result ? { reason: inWords(result.faults) } : { event: result.event };
}

function inWords(faults: readonly { path: string; message: string }[]): string {
  return faults.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ');
}

function isSame(given: string, expected: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
