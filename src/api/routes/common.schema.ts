import { type RouteConfig, z } from '@hono/zod-openapi';
import { ExactNumber } from '../../exact-number.ts';

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** A time in an answer. */
export const time = z.iso.datetime().openapi({ format: 'date-time', example: '2026-03-01T08:30:00.000Z' });

const earliest = '1970-01-01T00:00:00.000Z';
const latest = '9999-12-31T23:59:59.999Z';

/** A time in a request: RFC 3339 with any offset; becomes UTC. Nothing is older than 1970: what is, means 1970. */
export const timeInput = z
  .string()
  .regex(rfc3339, 'must be an RFC 3339 time such as 2026-03-01T08:30:00Z (a plus sign is sent as %2B).')
  // RFC 3339 allows "t" and "z".
  .transform((text) => text.toUpperCase())
  .pipe(z.iso.datetime({ offset: true, error: 'is no time that exists.' }))
  .transform((text) => {
    const year = new Date(text).getUTCFullYear();
    if (year < 1970) return earliest;
    return year > 9999 ? latest : new Date(text).toISOString();
  })
  .openapi({ type: 'string', format: 'date-time', example: '2026-03-01T08:30:00Z' });

/** A named schema or null; `.nullable()` would make the named schema itself nullable in the document. */
export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.null()]);
}

/** Money in an answer: exact, as stored. */
export const moneyPattern = /^-?\d+(\.\d+)?$/;
export const money = z.string().regex(moneyPattern).openapi({ example: '24.90' });

/** A number in an answer, whatever its size. */
export const exactNumber = z
  .custom<number | ExactNumber>((value) => typeof value === 'number' || value instanceof ExactNumber)
  .openapi({ type: 'number', description: 'Every digit is written, however many there are.' });

/** Free text in a request. */
export const shortText = z
  .string()
  .min(1, 'must not be empty.')
  .max(200, 'must have at most 200 characters.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is this one that PostgreSQL's text cannot hold
  .regex(/^[^\u0000]*$/, 'contains a NUL character.');

/** `true` or `false` in a query. */
export const flag = z
  .enum(['true', 'false'], 'must be true or false.')
  .transform((value) => value === 'true')
  .openapi({ type: 'boolean' });

export const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 500.')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 500, 'must be a whole number from 1 to 500.')
  .default(50)
  .openapi({ type: 'integer', minimum: 1, maximum: 500, default: 50 });

export const cursor = z
  .string()
  .regex(/^[\w-]{1,600}$/, 'is not a cursor of this list.')
  .openapi({ description: 'The next_cursor of the page before, with the same filters.' });

/** What every list takes. */
export const paging = {
  limit,
  cursor: cursor.optional(),
  with_total: flag.default(false).openapi({ default: false }),
};

/** `{shop}` in a path. */
export const shopParameter = z.object({
  shop: shortText.openapi({
    description: "Tideline's id (`shop-1` or `1`) or TikTok's shop id.",
    example: 'shop-1',
  }),
});

/** A list's answer. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    data: z.array(item),
    next_cursor: z.string().nullable(),
    total: z.int().nonnegative().optional().openapi({ description: 'With `with_total=true`' }),
  });
}

const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
    request_id: z.string(),
  })
  .openapi('Problem', { description: 'RFC 9457' });

const meanings: Record<number, string> = {
  400: 'Malformed: a wrong value, an unknown parameter or an unknown field',
  401: 'The key is missing or unknown',
  403: "The key lacks the scope, or the request's Origin is foreign",
  404: 'There is no such thing, or the key may not see it',
  409: 'The present state does not allow this, or a request with the same Idempotency-Key is in flight',
  410: 'It was there, and its time is over',
  413: 'The body is larger than 10 MB',
  415: 'The body is not JSON',
  421: 'The Host header names somebody else',
  422: 'The Idempotency-Key was used with another body',
  429: 'Too many tries; see Retry-After',
  503: 'Not available now; see Retry-After',
};

/** The problem documents of a route, and `default` for what nobody foresaw. */
export function problemResponses(statuses: number[]): RouteConfig['responses'] {
  const content = { 'application/problem+json': { schema: problem } };
  const responses: RouteConfig['responses'] = {
    default: { description: 'Any other problem', content },
  };
  for (const status of statuses) {
    responses[status] = { description: meanings[status] ?? 'Refused', content };
  }
  return responses;
}
