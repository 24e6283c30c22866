import { isIP } from 'node:net';
import { z } from 'zod';
import { deliveryCategories } from './types.ts';

/**
 * One event as `POST /api/v1/conversions` takes it. A field that is null or empty counts as
 * absent, for that is how shops' servers send what they do not know.
 */

const currencies = new Set(Intl.supportedValuesOf('currency'));
// ISO's codes for tests and for "no currency": nobody pays with them.
for (const code of ['XTS', 'XXX']) currencies.delete(code);

/** Far more than anything is worth, far less than where numbers lose their cents. */
const largestAmount = 1e12;

const absent = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && value.trim() === '');

/**
 * Takes the fields of these names out where they are absent. Once for a whole object: a schema for each field that
 * looks for null and for empty texts by itself costs most of what reading an event does.
 */
function withoutAbsent(names: readonly string[]): (value: unknown) => unknown {
  const optional = new Set(names);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const fields: Record<string, unknown> = value as Record<string, unknown>;
    const left = Object.keys(fields).filter((name) => absent(fields[name]) && optional.has(name));
    if (left.length === 0) return value;
    const rest = { ...fields };
    for (const name of left) delete rest[name];
    return rest;
  };
}

/** An object of which every field may be left out: also as null or as an empty text. */
function optionalFields<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(withoutAbsent(Object.keys(shape)), z.strictObject(shape).partial());
}

function text(most: number) {
  return z
    .string('must be a text.')
    .max(most, `must have at most ${most.toLocaleString('en')} characters.`)
    .refine((value) => !value.includes('\0'), { error: 'contains a NUL character.', abort: true })
    .overwrite((value) => value.trim().toWellFormed());
}

/** An id: kept as it is, for platforms compare it character by character. */
function id(most: number) {
  return text(most)
    .min(1, 'must not be empty.')
    .refine((value) => !/\p{Cc}|\ufffd/u.test(value), 'contains characters that no id has.');
}

/** What a value of one of the forms has wrong; `otherwise` where it is of none of them. */
function faultOfForms(otherwise: string) {
  return (issue: z.core.$ZodRawIssue): string => {
    const faults = issue.code === 'invalid_union' ? issue.errors.flat() : [];
    return faults.find(({ code }) => code !== 'invalid_type')?.message ?? otherwise;
  };
}

/** An id that many servers hold as a number. */
function numericId(most: number) {
  const whole = z.int('must be a text or a whole number.').nonnegative('must not be negative.');
  return z.union([id(most), whole.transform(String)], {
    error: faultOfForms('must be a text or a whole number.'),
  });
}

function oneOrMany<Schema extends z.ZodType>(schema: Schema) {
  const error = faultOfForms('must be a text or a list of texts.');
  const list = z.array(z.union([schema, z.null()], { error })).max(20, 'must have at most 20 entries.');
  return z
    .union([schema.transform((value) => [value]), list], { error })
    .transform((values) => values.filter((value) => !absent(value)))
    .transform((values) => (values.length === 0 ? undefined : [...new Set(values as string[])]));
}

const amount = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d{1,13}(\.\d{1,9})?$/)
        .transform(Number),
    ],
    'must be a number, or a decimal as a text.',
  )
  .refine((value) => value >= 0, 'must not be negative.')
  .refine((value) => value <= largestAmount, 'is larger than anything is worth.');

const token = text(1_000).refine(
  (value) => /^[!-~]*$/.test(value),
  'must be printable ASCII without spaces.',
);

const user = optionalFields({
  email: oneOrMany(text(320)),
  phone: oneOrMany(text(100)),
  external_id: oneOrMany(numericId(256)),
  first_name: text(200),
  last_name: text(200),
  city: text(200),
  state: text(200),
  zip_code: text(50),
  country: text(10)
    .refine((value) => /^[A-Za-z]{2}$/.test(value), 'must be a country code of two letters, such as US.')
    .transform((value) => value.toUpperCase()),
  ip: text(100).refine((value) => isIP(value) !== 0, 'must be an IPv4 or IPv6 address.'),
  user_agent: text(2_000),
  locale: text(35),
  ttclid: token,
  ttp: token,
  fbc: token,
  fbp: token,
  gclid: token,
  gbraid: token,
  wbraid: token,
});

const page = optionalFields({
  url: text(8_192).refine(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'must be a whole address that begins with https:// or http://.',
  ),
  referrer: text(8_192),
});

const quantity = z
  .int('must be a whole number.')
  .nonnegative('must not be negative.')
  .max(1e9, 'must be at most 1,000,000,000.');

const content = optionalFields({
  content_id: numericId(256),
  content_name: text(500),
  content_category: text(500),
  brand: text(200),
  price: amount,
  quantity,
});

const properties = optionalFields({
  value: amount,
  currency: text(10)
    .transform((value) => value.toUpperCase())
    .refine((value) => currencies.has(value), 'must be a currency of ISO 4217, such as USD.'),
  order_id: numericId(256),
  content_type: z.enum(['product', 'product_group'], 'must be product or product_group.'),
  contents: z.array(content, 'must be a list.').max(500, 'must have at most 500 entries.'),
  query: text(1_000),
  search_string: text(1_000),
  description: text(1_000),
  status: text(100),
  num_items: quantity,
  predicted_ltv: amount,
  delivery_category: z.enum(deliveryCategories, `must be one of ${deliveryCategories.join(', ')}.`),
  shop_id: numericId(256),
});

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
const timeFault = 'must be an RFC 3339 time such as 2026-03-01T08:30:00Z, or Unix seconds.';

/** Unix seconds, rounded down. */
const eventTime = z.union(
  [
    z
      .number()
      // The classic mistake; as seconds it would be the year 5138 or later.
      .refine((value) => value < 1e11, 'is in milliseconds: send seconds.')
      .transform(Math.floor),
    z
      .string()
      .regex(rfc3339)
      // RFC 3339 allows "t" and "z".
      .transform((value) => value.toUpperCase())
      .pipe(z.iso.datetime({ offset: true, error: 'is no time that exists.' }))
      .transform((value) => Math.floor(Date.parse(value) / 1_000)),
  ],
  {
    // Of the two it is the number's own message that helps.
    error: (issue) => (typeof issue.input === 'number' ? 'is in milliseconds: send seconds.' : timeFault),
  },
);

const optionalParts = z
  .strictObject({
    source: z.enum(['web', 'app', 'offline', 'crm'], 'must be web, app, offline or crm.'),
    test_event_code: id(100),
    limited_data_use: z.boolean('must be true or false.'),
    page,
    properties,
    destinations: z
      .array(id(100), 'must be a list of ids.')
      .min(1, 'must name a destination, or be left out for all.')
      .max(50, 'must have at most 50 entries.'),
  })
  .partial().shape;

export const eventSchema = z.preprocess(
  withoutAbsent(Object.keys(optionalParts)),
  z.strictObject(
    {
      event_id: id(256),
      event_name: id(100),
      event_time: eventTime,
      user: z.preprocess((value) => value ?? {}, user),
      ...optionalParts,
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object.' : undefined) },
  ),
);

export type GivenEvent = z.output<typeof eventSchema>;
