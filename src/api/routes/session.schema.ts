import { z } from '@hono/zod-openapi';
import { scopes } from '../principal.ts';

/** Who is signed in. */
export const session = z
  .strictObject({
    key_id: z.string().nullable().openapi({ description: 'null: the key of the environment' }),
    scopes: z.array(z.enum(scopes)),
    shop_ids: z.array(z.string()).nullable().openapi({ description: 'null: every shop' }),
    temporal_ui_url: z.string().nullable(),
    version: z.string(),
  })
  .openapi('Session');
