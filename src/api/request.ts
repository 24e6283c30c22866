import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { ApiContext } from './context.ts';
import { issueMessage } from './issue-messages.ts';
import { badRequest, type FieldFault, RequestError } from './problem.ts';

/** The schema of a query or body that has no fields. */
export const noFields = z.strictObject({});

/** Reads path parameters; what cannot be an id is a 400. */
export function readParameters<Schema extends z.ZodObject>(
  context: ApiContext,
  schema: Schema,
): z.output<Schema> {
  return check(schema, context.req.param());
}

/** Reads the query; a parameter given twice is an array, an unknown one is refused unless `open`. */
export function readQuery<Schema extends z.ZodObject>(
  context: ApiContext,
  schema: Schema,
  open = false,
): z.output<Schema> {
  const { search, searchParams } = new URL(context.req.url);
  try {
    decodeURIComponent(search.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw badRequest([{ path: 'query', message: 'is not valid percent-encoded UTF-8.' }]);
  }
  const values = valuesOf(searchParams);
  const known = Object.keys(schema.shape);
  return check(schema, Object.fromEntries(open ? values.filter(([name]) => known.includes(name)) : values));
}

/** Reads the query of another route out of a body; faults are told as those of the field `at`. */
export function readSearch(
  schema: z.ZodObject,
  search: URLSearchParams,
  at: string,
): Record<string, unknown> {
  return readValues(schema, Object.fromEntries(valuesOf(search)), at);
}

/** Reads what another route would read, out of a body; faults are told as those of the field `at`. */
export function readValues(schema: z.ZodObject, values: object, at: string): Record<string, unknown> {
  try {
    return check(schema, values);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw badRequest(error.errors.map(({ path, message }) => ({ path: `${at}.${path}`, message })));
  }
}

function valuesOf(search: URLSearchParams): [string, string | string[]][] {
  return [...new Set(search.keys())].map((name) => {
    const all = search.getAll(name);
    return [name, all.length === 1 ? (all[0] ?? '') : all];
  });
}

export interface BodyDefinition<Schema extends z.ZodType> {
  schema: Schema;
  required: boolean;
  /** A form with files (`multipart/form-data`) in place of JSON; files come as their bytes. */
  multipart?: true;
  /** The route looks for NUL characters itself: one of many things in the body must not refuse the others. */
  keepsNul?: true;
}

/** Reads a JSON body: bytes that are UTF-8, JSON, of the schema. Absent or empty where it may be left out: `{}`. */
export async function readBody<Schema extends z.ZodType>(
  context: ApiContext,
  { schema, required, keepsNul, multipart }: BodyDefinition<Schema>,
): Promise<{ value: z.output<Schema>; bytes: Uint8Array }> {
  const bytes = new Uint8Array(await context.req.arrayBuffer());
  if (multipart) return readForm(context, schema, bytes);
  if (bytes.length === 0) {
    if (required) throw badRequest([{ path: 'body', message: 'is missing.' }]);
    return { value: check(schema, {}), bytes };
  }
  const mediaType = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    const message = 'The body must be JSON, sent with Content-Type: application/json.';
    throw new RequestError({ status: 415, code: 'unsupported-content-type', message });
  }
  const given = parseJson(bytes);
  return { value: keepsNul ? checkSchema(schema, given) : check(schema, given), bytes };
}

/** The bytes that stand for a form leave out its boundary, which is another one whenever the same form is sent again. */
async function readForm<Schema extends z.ZodType>(
  context: ApiContext,
  schema: Schema,
  bytes: Uint8Array,
): Promise<{ value: z.output<Schema>; bytes: Uint8Array }> {
  const contentType = context.req.header('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    const message = 'The body must be a form with a file, sent with Content-Type: multipart/form-data.';
    throw new RequestError({ status: 415, code: 'unsupported-content-type', message });
  }
  const form = await new Response(bytes, { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw badRequest([{ path: 'body', message: 'is not valid multipart/form-data.' }]);
    });
  const names = [...new Set(form.keys())];
  const values = names.map(async (name) => {
    const all = await Promise.all(
      form
        .getAll(name)
        .map(async (one) => (typeof one === 'string' ? one : Buffer.from(await one.arrayBuffer()))),
    );
    return [name, all.length === 1 ? all[0] : all] as const;
  });
  const given = await Promise.all(values);
  const value = checkSchema(schema, Object.fromEntries(given));
  const parts = given.map(([name, part]) => [name, Buffer.isBuffer(part) ? sha256(part) : part]);
  return { value, bytes: Buffer.from(JSON.stringify(parts)) };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // A RangeError is nesting deeper than the parser's stack.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) {
      throw badRequest([{ path: 'body', message: 'is not valid JSON in UTF-8.' }]);
    }
    throw error;
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const nul = pathOfNul(value, []);
  if (nul !== null) throw badRequest([{ path: nul, message: 'contains a NUL character.' }]);
  return checkSchema(schema, value);
}

function checkSchema<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { error: issueMessage });
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, 50).flatMap(faultsOf);
  const firstOfEach = faults.filter(
    ({ path }, index) => faults.findIndex((one) => one.path === path) === index,
  );
  throw badRequest(firstOfEach);
}

function faultsOf(issue: z.core.$ZodIssue): FieldFault[] {
  const at = (tail: PropertyKey[]) => [...issue.path, ...tail].map(String).join('.') || 'body';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 20).map((key) => ({ path: at([key]), message: 'is not known here.' }));
  }
  return [{ path: at([]), message: issue.message }];
}

/** PostgreSQL text cannot hold NUL, and nothing that a person types has one. */
function pathOfNul(value: unknown, path: readonly string[]): string | null {
  if (typeof value === 'string') return value.includes('\0') ? path.join('.') || 'body' : null;
  if (typeof value !== 'object' || value === null || path.length > 32) return null;
  for (const [key, item] of Object.entries(value)) {
    if (key.includes('\0')) return [...path, 'a field name'].join('.');
    const found = pathOfNul(item, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}
