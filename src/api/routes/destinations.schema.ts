import { z } from '@hono/zod-openapi';
import { page, shortText } from './common.schema.ts';

const kinds = ['tiktok', 'meta', 'google_ads'] as const;
const statuses = ['active', 'paused', 'mock'] as const;
const anything = z.record(z.string().max(100), z.unknown());

export const destination = z
  .strictObject({
    id: z.string().openapi({ example: 'tiktok' }),
    kind: z.enum(kinds),
    name: z.string(),
    status: z.enum(statuses),
    pause_reason: z.string().nullable(),
    settings: anything,
    secrets: z.array(z.string()).openapi({ description: 'Names of those that are set; never their values' }),
    from_environment: z
      .boolean()
      .openapi({ description: 'What the environment sets wins over this at each start' }),
  })
  .openapi('Destination');

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, - and _, at most 64.');
const name = z
  .string()
  .min(1, 'must not be empty.')
  .max(100, 'must have at most 100 characters.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not contain control characters.');

const settings = anything.openapi({ description: 'By the kind; secrets among them are kept apart.' });

export const newDestination = z
  .strictObject({
    id: id.optional(),
    kind: z.enum(kinds, `must be one of ${kinds.join(', ')}.`),
    name: name.optional(),
    status: z.enum(statuses).optional(),
    settings: settings.default({}),
    secrets: z.record(z.string().max(100), z.string().max(2_000)).default({}),
  })
  .openapi('NewDestination');

export const destinationChange = z
  .strictObject({
    name: name.optional(),
    status: z.enum(statuses).optional(),
    settings: settings.optional().openapi({ description: 'Beside what is set; null takes a setting away.' }),
    secrets: z.record(z.string().max(100), z.string().max(2_000).nullable()).optional(),
  })
  .openapi('DestinationChange');

export const destinationParameter = z.object({ id: shortText });

export const destinationList = page(destination);
