import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';

type Json = { [key: string]: Json } & unknown[] & string;

let api: TestApi;
let document: Json;

beforeAll(async () => {
  api = await startTestApi();
  document = (await (await api.get('/openapi.json')).json()) as Json;
});
afterAll(() => api.close());

/** Every object of the document with its place. */
function* walk(node: unknown, place: string): Generator<[string, Record<string, unknown>]> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield [place, node as Record<string, unknown>];
  for (const [key, value] of Object.entries(node)) yield* walk(value, `${place}/${key}`);
}

function operations(): [string, string, Json][] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Json).map(([method, operation]): [string, string, Json] => [
      method,
      path,
      operation as Json,
    ]),
  );
}

describe('the OpenAPI document', () => {
  it('is 3.1 and lists the routes of the contract and no others', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(
      operations()
        .map(([method, path]) => `${method.toUpperCase()} ${path}`)
        .sort(),
    ).toMatchInlineSnapshot(`
      [
        "DELETE /api/v1/api_keys/{key_id}",
        "DELETE /api/v1/destinations/{id}",
        "DELETE /api/v1/session",
        "DELETE /api/v1/shops/{shop}",
        "DELETE /api/v1/shops/{shop}/seller_center",
        "GET /api/sync/status",
        "GET /api/v1/api_calls",
        "GET /api/v1/api_keys",
        "GET /api/v1/appointments",
        "GET /api/v1/audit_log",
        "GET /api/v1/conversions",
        "GET /api/v1/conversions/coverage",
        "GET /api/v1/conversions/ledger",
        "GET /api/v1/conversions/{event_id}",
        "GET /api/v1/deliveries",
        "GET /api/v1/deliveries/replays/{replay_id}",
        "GET /api/v1/deliveries/{delivery_id}",
        "GET /api/v1/destinations",
        "GET /api/v1/destinations/{id}",
        "GET /api/v1/erasures",
        "GET /api/v1/erasures/{erasure_id}",
        "GET /api/v1/exports",
        "GET /api/v1/exports/{run_id}",
        "GET /api/v1/exports/{run_id}/file",
        "GET /api/v1/session",
        "GET /api/v1/shops",
        "GET /api/v1/shops/{shop}",
        "GET /api/v1/shops/{shop}/analytics/affiliates",
        "GET /api/v1/shops/{shop}/analytics/bestsellers",
        "GET /api/v1/shops/{shop}/analytics/brands",
        "GET /api/v1/shops/{shop}/analytics/creators",
        "GET /api/v1/shops/{shop}/analytics/customers",
        "GET /api/v1/shops/{shop}/analytics/hourly",
        "GET /api/v1/shops/{shop}/analytics/insights",
        "GET /api/v1/shops/{shop}/analytics/lives",
        "GET /api/v1/shops/{shop}/analytics/lives/overview",
        "GET /api/v1/shops/{shop}/analytics/lives/{id}/minutes",
        "GET /api/v1/shops/{shop}/analytics/lives/{id}/products",
        "GET /api/v1/shops/{shop}/analytics/order_comparison",
        "GET /api/v1/shops/{shop}/analytics/products",
        "GET /api/v1/shops/{shop}/analytics/products/{id}",
        "GET /api/v1/shops/{shop}/analytics/restatements",
        "GET /api/v1/shops/{shop}/analytics/shop",
        "GET /api/v1/shops/{shop}/analytics/skus",
        "GET /api/v1/shops/{shop}/analytics/skus/{id}",
        "GET /api/v1/shops/{shop}/analytics/videos",
        "GET /api/v1/shops/{shop}/analytics/videos/overview",
        "GET /api/v1/shops/{shop}/analytics/videos/{id}",
        "GET /api/v1/shops/{shop}/analytics/videos/{id}/products",
        "GET /api/v1/shops/{shop}/brand_rules",
        "GET /api/v1/shops/{shop}/conversion_source",
        "GET /api/v1/shops/{shop}/drift",
        "GET /api/v1/shops/{shop}/kpis",
        "GET /api/v1/shops/{shop}/order_conversions",
        "GET /api/v1/shops/{shop}/orders",
        "GET /api/v1/shops/{shop}/orders/stats",
        "GET /api/v1/shops/{shop}/orders/{order_id}",
        "GET /api/v1/shops/{shop}/quarantine",
        "GET /api/v1/shops/{shop}/reconciliations",
        "GET /api/v1/shops/{shop}/schedules/{stream}",
        "GET /api/v1/shops/{shop}/seller_center",
        "GET /api/v1/shops/{shop}/syncs",
        "GET /api/v1/syncs/{run_id}",
        "GET /api/v1/syncs/{run_id}/events",
        "GET /api/v1/tik_tok_shops/{shop}/product_analytics",
        "GET /api/v1/webhook_events",
        "GET /connect/tiktok-shop",
        "GET /connect/tiktok-shop/callback",
        "GET /docs",
        "GET /docs/{file}",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
        "GET /openapi.json",
        "GET /tideline.js",
        "PATCH /api/v1/destinations/{id}",
        "PATCH /api/v1/shops/{shop}",
        "PATCH /api/v1/shops/{shop}/seller_center",
        "POST /api/sync/orders",
        "POST /api/sync/orders/full",
        "POST /api/test/google-ads",
        "POST /api/test/meta",
        "POST /api/test/tiktok",
        "POST /api/v1/api_keys",
        "POST /api/v1/conversions",
        "POST /api/v1/conversions/preview",
        "POST /api/v1/deliveries/replay",
        "POST /api/v1/deliveries/replays/{replay_id}/cancel",
        "POST /api/v1/deliveries/replays/{replay_id}/resume",
        "POST /api/v1/deliveries/{delivery_id}/replay",
        "POST /api/v1/destinations",
        "POST /api/v1/destinations/{id}/pause",
        "POST /api/v1/destinations/{id}/resume",
        "POST /api/v1/exports",
        "POST /api/v1/exports/{run_id}/cancel",
        "POST /api/v1/session",
        "POST /api/v1/shops/{shop}/analytics/workbooks",
        "POST /api/v1/shops/{shop}/backfills",
        "POST /api/v1/shops/{shop}/brand_rules/preview",
        "POST /api/v1/shops/{shop}/buyer_erasures",
        "POST /api/v1/shops/{shop}/conversion_source/replay",
        "POST /api/v1/shops/{shop}/orders/{order_id}/refresh",
        "POST /api/v1/shops/{shop}/reconcile",
        "POST /api/v1/shops/{shop}/seller_center",
        "POST /api/v1/shops/{shop}/syncs",
        "POST /api/v1/syncs/{run_id}/cancel",
        "POST /api/v1/syncs/{run_id}/pause",
        "POST /api/v1/syncs/{run_id}/resume",
        "POST /api/v1/syncs/{run_id}/retry",
        "POST /api/v1/webhook_events/{webhook_id}/replay",
        "POST /webhooks/acuity",
        "POST /webhooks/stripe",
        "PUT /api/v1/shops/{shop}/brand_rules",
        "PUT /api/v1/shops/{shop}/conversion_source",
        "PUT /api/v1/shops/{shop}/schedules/{stream}",
      ]
    `);
  });

  it('resolves every reference', () => {
    for (const [place, node] of walk(document, '#')) {
      if (typeof node.$ref !== 'string') continue;
      const target = node.$ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document);
      expect([place, target]).toEqual([place, expect.anything()]);
    }
  });

  it('names every operation once, declares its path parameters, and tells its problems', () => {
    const ids = operations().map(([, , operation]) => String(operation.operationId));
    expect(new Set(ids).size).toBe(ids.length);
    for (const [method, path, operation] of operations()) {
      const declared = ((operation.parameters ?? []) as Json[])
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => String(parameter.name));
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([path, declared.sort()]).toEqual([path, inPath.sort()]);
      const responses = operation.responses as Json;
      expect([method, path, Object.keys(responses)]).toEqual([
        method,
        path,
        expect.arrayContaining(['400', 'default']),
      ]);
      for (const [status, response] of Object.entries(responses)) {
        expect(typeof (response as Json).description).toBe('string');
        if (!/^[45]|default/.test(status)) continue;
        expect(Object.keys((response as Json).content as object)).toEqual(['application/problem+json']);
      }
    }
  });

  it('refers only to security schemes that it has', () => {
    const schemes = Object.keys(document.components?.securitySchemes ?? {});
    expect(schemes.sort()).toEqual(['apiKey', 'session']);
    for (const [, , operation] of operations()) {
      for (const requirement of operation.security as unknown as object[]) {
        expect(schemes).toEqual(expect.arrayContaining(Object.keys(requirement)));
      }
    }
  });

  it('pages and counts every list', () => {
    const schemas = document.components?.schemas as Json;
    const fieldsOf = (schema: Json | undefined): object =>
      typeof schema?.$ref === 'string'
        ? fieldsOf(schemas[String(schema.$ref).split('/').at(-1) ?? ''])
        : (schema?.properties ?? {});
    const answerOf = ({ responses }: Json): string[] => {
      const content = (responses as Json)['200'] as Json | undefined;
      return Object.keys(fieldsOf(content?.content?.['application/json']?.schema));
    };
    const lists = operations().filter(
      ([method, , operation]) => method === 'get' && answerOf(operation).includes('next_cursor'),
    );
    expect(lists.length).toBeGreaterThan(30);
    for (const [, path, operation] of lists) {
      const names = (operation.parameters as Json[]).map(({ name }) => String(name));
      expect([path, names]).toEqual([path, expect.arrayContaining(['limit', 'cursor', 'with_total'])]);
      expect([path, answerOf(operation)]).toEqual([path, expect.arrayContaining(['data', 'total'])]);
    }
  });

  it('describes parameters as what they are', () => {
    const list = document.paths?.['/api/v1/shops/{shop}/orders']?.get as Json;
    const parameters = Object.fromEntries((list.parameters as Json[]).map((one) => [String(one.name), one]));
    expect(parameters.limit).toMatchObject({
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
    });
    expect(parameters.created_ge).toMatchObject({ schema: { type: 'string', format: 'date-time' } });
    expect(parameters.status).toMatchObject({ required: false, schema: { type: 'array' } });
    expect(parameters.with_total).toMatchObject({ schema: { type: 'boolean', default: false } });
    const post = document.paths?.['/api/v1/shops/{shop}/syncs']?.post as Json;
    expect((post.parameters as Json[]).some((one) => one.name === 'Idempotency-Key')).toBe(true);
  });
});
