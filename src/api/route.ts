import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { StatusCode } from 'hono/utils/http-status';
import { printJson } from '../exact-number.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { ApiContext, ApiEnvironment } from './context.ts';
import type { FileReading } from './file-response.ts';
import type { ListDirectory } from './lists.ts';
import { hasScope, type Principal, type Scope } from './principal.ts';
import { methodNotAllowed, RequestError } from './problem.ts';
import { type BodyDefinition, noFields, readBody, readParameters, readQuery } from './request.ts';
import { problemResponses } from './routes/common.schema.ts';

/** An answer with a JSON body, or none. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type Fields = z.ZodObject;

export interface RouteResponse {
  description: string;
  schema?: z.ZodType;
  /** Of what the schema describes; JSON when left out. */
  mediaType?: string;
  /** Media types of files that it may be instead. */
  files?: readonly string[];
}

export interface RouteDefinition<Path extends Fields, Query extends Fields, Body extends z.ZodType> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for each parameter. */
  path: string;
  tag: string;
  operationId: string;
  summary: string;
  description?: string;
  /** The scope that a key needs; null for the few routes that are open. */
  scope: Scope | null;
  params?: Path;
  query?: Query;
  /** Unknown query parameters pass: for routes that TikTok calls and may lengthen. */
  openQuery?: boolean;
  /** A GET uses something up: HEAD, which previews of a link send before anybody opens it, is 405. */
  onlyGet?: boolean;
  body?: BodyDefinition<Body>;
  /** What is 400 although the schemas allow it, in words for the document. Cursors need not be named. */
  alsoRefused?: string;
  /** Keeps the answer for a repeat with the same `Idempotency-Key`. */
  idempotent?: boolean;
  /** False: what it stores is its own record, and too much of it for the audit log. */
  audited?: boolean;
  responses: Record<number, RouteResponse>;
  /** Refusals beyond 400, 401 and 403. */
  problems?: number[];
}

export interface RouteInput<Path extends Fields, Query extends Fields, Body extends z.ZodType> {
  context: ApiContext;
  params: z.output<Path>;
  query: z.output<Query>;
  body: z.output<Body>;
  principal: Principal;
}

/** What every route needs besides its handler. */
export interface RouteTools {
  app: OpenAPIHono<ApiEnvironment>;
  authenticate(context: ApiContext): Promise<Principal>;
  /** Runs `work` once for each `Idempotency-Key` of a principal. */
  once(
    request: { context: ApiContext; principal: Principal; bodyBytes: Uint8Array },
    work: () => Promise<Answer>,
  ): Promise<Answer>;
  audit: AuditTrail;
  /** The patterns of routes that HEAD does not reach. */
  withoutHead: Set<string>;
  /** The lists that were registered: what can be exported. */
  lists: ListDirectory;
  exports: FileReading;
  /** Tests hold every answer against its schema. */
  verifyAnswers: boolean;
}

const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[!-~]{1,200}$/)
    .optional()
    .openapi({ description: 'A repeat with the same key and body gets the first answer.' }),
});

const binary = z.string().openapi({ format: 'binary' });

const nobody: Principal = { keyId: null, scopes: [], shopIds: [] };

/**
 * Registers one route: its line in the OpenAPI document, its authentication, and strict reading of parameters,
 * query and body, in that order, so that a stranger learns nothing from the kind of refusal.
 */
export function addRoute<
  Path extends Fields = typeof noFields,
  Query extends Fields = typeof noFields,
  Body extends z.ZodType = typeof noFields,
>(
  tools: RouteTools,
  definition: RouteDefinition<Path, Query, Body>,
  handler: (input: RouteInput<Path, Query, Body>) => Promise<Answer | Response>,
): void {
  tools.app.openAPIRegistry.registerPath(describe(definition));
  const pattern = definition.path.replaceAll(/\{(\w+)\}/g, ':$1');
  if (definition.onlyGet) tools.withoutHead.add(pattern);
  tools.app.on(definition.method.toUpperCase(), pattern, async (context) => {
    if (definition.onlyGet && context.req.method === 'HEAD') throw methodNotAllowed(['GET']);
    const principal = definition.scope === null ? nobody : await tools.authenticate(context);
    const proceed = () => perform(tools, definition, handler, context, principal);
    // Open routes note by themselves what is worth it: strangers must not fill the audit log.
    const audited = definition.scope !== null && definition.method !== 'get' && definition.audited !== false;
    const answer = audited
      ? await tools.audit.follow(context, definition.operationId, proceed)
      : await proceed();
    return answer instanceof Response ? answer : send(context, tools, definition.responses, answer);
  });
}

async function perform<Path extends Fields, Query extends Fields, Body extends z.ZodType>(
  tools: RouteTools,
  definition: RouteDefinition<Path, Query, Body>,
  handler: (input: RouteInput<Path, Query, Body>) => Promise<Answer | Response>,
  context: ApiContext,
  principal: Principal,
): Promise<Answer | Response> {
  const { scope, method, openQuery } = definition;
  if (scope !== null && !hasScope(principal, scope)) throw missingScope(scope);
  const params = readParameters(context, definition.params ?? (noFields as unknown as Path));
  const query = readQuery(context, definition.query ?? (noFields as unknown as Query), openQuery);
  const { value: body, bytes } =
    method === 'get'
      ? { value: undefined as z.output<Body>, bytes: new Uint8Array() }
      : await readBody(context, definition.body ?? { schema: noFields as unknown as Body, required: false });
  const work = () => handler({ context, params, query, body, principal });
  if (!isRepeatable(definition)) return work();
  return tools.once({ context, principal, bodyBytes: bytes }, async () => withoutResponse(await work()));
}

/** Whether an `Idempotency-Key` is honoured. */
function isRepeatable({ method, idempotent }: { method: string; idempotent?: boolean }): boolean {
  return method === 'post' && idempotent !== false;
}

function withoutResponse(answer: Answer | Response): Answer {
  if (answer instanceof Response) throw new TypeError('A route that streams must say idempotent: false.');
  return answer;
}

function send(
  context: ApiContext,
  tools: RouteTools,
  responses: Record<number, { schema?: z.ZodType }>,
  answer: Answer,
): Response {
  if (tools.verifyAnswers) {
    const declared = responses[answer.status];
    if (declared === undefined) throw new TypeError(`Undeclared status ${answer.status}.`);
    declared.schema?.parse(answer.body);
  }
  const status = answer.status as StatusCode;
  const headers: Record<string, string> = { 'Cache-Control': 'no-store', ...answer.headers };
  if (answer.body === undefined) return context.newResponse(null, status, headers);
  headers['Content-Type'] = 'application/json';
  return context.newResponse(printJson(answer.body), status, headers);
}

export function missingScope(scope: Scope): RequestError {
  return new RequestError({
    status: 403,
    code: 'missing-scope',
    message: `This needs a key with the scope "${scope}".`,
  });
}

function alsoRefused(definition: { alsoRefused?: string; query?: z.ZodObject }): string | null {
  const paged = definition.query !== undefined && 'cursor' in definition.query.shape;
  const texts = [definition.alsoRefused, paged ? 'a cursor of another list or of other filters' : undefined];
  return texts.filter((text) => text !== undefined).join('; ') || null;
}

function describe<Path extends Fields, Query extends Fields, Body extends z.ZodType>(
  definition: RouteDefinition<Path, Query, Body>,
): RouteConfig {
  const problems = new Set([
    400,
    ...(definition.scope === null ? [] : [401, 403, 429, 503]),
    ...(definition.method === 'get' ? [] : [413, 415]),
    ...(isRepeatable(definition) ? [409, 422] : []),
    421,
    ...(definition.problems ?? []),
  ]);
  const responses: RouteConfig['responses'] = problemResponses([...problems].sort());
  for (const [status, { description, schema, mediaType, files = [] }] of Object.entries(
    definition.responses,
  )) {
    const content: Record<string, { schema: z.ZodType }> = {};
    for (const type of files) content[type] = { schema: binary };
    if (schema) content[mediaType ?? 'application/json'] = { schema };
    responses[status] = Object.keys(content).length === 0 ? { description } : { description, content };
  }
  const request: RouteConfig['request'] = {};
  if (definition.params) request.params = definition.params;
  if (definition.query) request.query = definition.query;
  if (isRepeatable(definition)) request.headers = idempotencyHeader;
  if (definition.body) {
    const { schema, required, multipart } = definition.body;
    request.body = {
      required,
      content: { [multipart ? 'multipart/form-data' : 'application/json']: { schema } },
    };
  }
  const refused = alsoRefused(definition);
  const description = [definition.description, refused === null ? undefined : `Also 400: ${refused}.`]
    .filter((text) => text !== undefined)
    .join('\n\n');
  return {
    method: definition.method,
    path: definition.path,
    tags: [definition.tag],
    operationId: definition.operationId,
    summary: definition.summary,
    ...(description === '' ? {} : { description }),
    // Lets programs that try the document know that a request may fit the schemas and be refused.
    ...(refused === null ? {} : { 'x-also-refused': true }),
    security:
      definition.scope === null ? [] : [{ apiKey: [definition.scope] }, { session: [definition.scope] }],
    request,
    responses,
  };
}
