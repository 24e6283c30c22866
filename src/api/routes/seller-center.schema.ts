import { z } from '@hono/zod-openapi';
import { origin } from '../../config-values.ts';
import type { SellerCenterChanges } from '../../seller-center/settings.ts';
import { signatureProfiles } from '../../sources/seller-center/connection.ts';
import { orNull, shortText, time } from './common.schema.ts';

const profile = z.enum(signatureProfiles);

const signerSettings = {
  envcode: z.int().min(0).max(65_024).nullable(),
  ubcode: z.int().min(0).max(255).nullable(),
  canvas: z.int().min(65_025).max(4_294_967_295).nullable(),
};

/** Settings that may be given beside the session, or by themselves. */
const settings = {
  base_url: z
    .string()
    .min(1)
    .max(200)
    .pipe(origin({ prefix: true, plainHttp: false }))
    .nullable()
    .optional()
    .openapi({
      type: ['string', 'null'],
      description: 'Null: that of the environment, or else of the region',
      example: 'https://seller-us.tiktok.com',
    }),
  path: z
    .string()
    .regex(
      /^\/api\/v[23](\/[a-z0-9_]{1,40}){1,10}$/,
      'must be a path such as /api/v2/insights/seller/ttp/product/list/v2.',
    )
    .optional()
    .openapi({ description: 'Of the product list; v2 and v3 answer in dialects of their own' }),
  user_agent: z
    .string()
    .regex(/^[ -~]{1,500}$/, 'must be printable ASCII.')
    .optional(),
  locale: z
    .string()
    .regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'must be a locale such as en or th-TH.')
    .optional(),
  signer: shortText
    .optional()
    .openapi({ description: '`none`, `builtin`, or the path of a module in the folder for signers' }),
  profile: profile.optional(),
  signer_settings: z
    .strictObject({
      envcode: signerSettings.envcode.optional(),
      ubcode: signerSettings.ubcode.optional(),
      canvas: signerSettings.canvas.optional(),
    })
    .optional(),
};

/** Body of `POST …/seller_center`. */
export const sellerCenterSession = z
  .strictObject({
    cookie: z
      .string()
      .min(1, 'must not be empty.')
      .max(16_384, 'must have at most 16384 characters.')
      .openapi({
        description: 'The whole Cookie header of your own browser; stored encrypted, never shown',
        format: 'password',
      }),
    seller_id: z
      .string()
      .regex(/^\d{1,25}$/, 'must be a number of digits.')
      .optional()
      .openapi({ description: 'May be left out where the cookie tells it' }),
    fp: z
      .string()
      .regex(/^[\w.~-]{1,200}$/, 'must be the value of the cookie s_v_web_id.')
      .optional(),
    ...settings,
  })
  .openapi('SellerCenterSession');

/** Body of `PATCH …/seller_center`. */
export const sellerCenterChange = z.strictObject(settings).openapi({ minProperties: 1 });

/** The connection as it is shown; the session is never. */
export const sellerCenter = z
  .strictObject({
    shop_id: z.string(),
    status: z.enum(['off', 'active', 'parked']),
    base_url: z.string().nullable(),
    path: z.string().nullable(),
    dialect: z.enum(['v2', 'v3']).nullable(),
    seller_id: z.string().nullable(),
    user_agent: z.string().nullable(),
    locale: z.string().nullable(),
    signer: z.string().nullable(),
    profile: profile.nullable(),
    signer_settings: z.strictObject(signerSettings).nullable(),
    connected_at: time.nullable(),
    log_in_again_before: time
      .nullable()
      .openapi({ description: 'What the cookie says; sessions end earlier, too' }),
    from_environment: z.boolean(),
    last_error: orNull(
      z.strictObject({
        code: z.string(),
        title: z.string(),
        action: z.string().nullable(),
        request_id: z.string().nullable(),
      }),
    ),
  })
  .openapi('SellerCenter');

/** The settings of a body by the names that the engine knows. */
export function changesOf(body: z.output<typeof sellerCenterChange>): SellerCenterChanges {
  return {
    baseUrl: body.base_url,
    path: body.path,
    userAgent: body.user_agent,
    locale: body.locale,
    signer: body.signer,
    profile: body.profile,
    signerSettings: body.signer_settings,
  };
}
