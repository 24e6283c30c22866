import { z } from '@hono/zod-openapi';
import { scopes } from '../principal.ts';
import { paging, shortText, time, timeInput } from './common.schema.ts';

const scope = z.enum(scopes, `must be one of ${scopes.join(', ')}.`);

const fields = {
  id: z.string().openapi({ example: 'key_4f1c09' }),
  name: z.string(),
  scopes: z.array(scope),
  shops: z.array(z.string()).nullable().openapi({ description: 'null: every shop' }),
  created_at: time,
  expires_at: time.nullable().openapi({ description: 'null: it does not end by itself' }),
  last_used_at: time.nullable().openapi({ description: 'To the minute' }),
  revoked_at: time.nullable(),
};

export const apiKey = z.strictObject(fields).openapi('ApiKey');

export const newApiKey = z
  .strictObject({ ...fields, key: z.string().openapi({ description: 'Shown only here' }) })
  .openapi('NewApiKey');

/** Body of `POST /api/v1/api_keys`. */
export const apiKeyRequest = z
  .strictObject({
    name: z
      .string()
      .min(1, 'must not be empty.')
      .max(100, 'must have at most 100 characters.')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .regex(/^[^\x00-\x1f\x7f-\x9f]*$/, 'must not contain control characters.')
      .openapi({ example: 'reporting' }),
    scopes: z.array(scope).min(1, 'must name at least one scope.').max(scopes.length),
    shops: z
      .array(shortText)
      .min(1, 'must name at least one shop; leave it out for all.')
      .max(500)
      .optional()
      .openapi({ description: 'Left out: every shop that the asking key may see' }),
    expires_at: timeInput.optional(),
  })
  .openapi('ApiKeyRequest');

export const apiKeyListQuery = z.strictObject(paging);
export const apiKeyParameter = z.object({ key_id: shortText });
