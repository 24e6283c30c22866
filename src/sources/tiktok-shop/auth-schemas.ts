import { z } from 'zod';

/** 9999-12-31: later times have no four-digit year and do not fit every database and date format. */
const latestSecond = 253_402_300_799;

/** Absolute Unix seconds despite the field's name; decades ahead is normal, so never a 32-bit number. */
const expiry = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .pipe(z.number().positive())
  .transform((seconds) => new Date(Math.min(Math.trunc(seconds), latestSecond) * 1000));

const text = z.string().min(1);
const optionalText = z
  .string()
  .nullish()
  .transform((value) => value || null);

/** `data` of `GET /api/v2/token/get` and `/refresh` (TikTok Shop Partner Center, "Authorization overview"). */
export const tokenSchema = z.object({
  access_token: text,
  access_token_expire_in: expiry,
  refresh_token: text,
  refresh_token_expire_in: expiry,
  open_id: optionalText,
  seller_name: optionalText,
  seller_base_region: optionalText,
  user_type: z
    .number()
    .int()
    .nullish()
    .transform((value) => value ?? null),
  granted_scopes: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? null),
});

/** `data` of `GET /authorization/202309/shops` (TikTok Shop Partner Center, "Get Authorized Shops"). */
export const authorizedShopsSchema = z.object({
  shops: z
    .array(
      z.object({
        id: text,
        name: z.string(),
        region: text,
        seller_type: optionalText,
        cipher: text,
        code: optionalText,
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
});

/** A token pair and whose it is. `expires…` are absolute. */
export type TokenGrant = z.infer<typeof tokenSchema>;
export type AuthorizedShop = z.infer<typeof authorizedShopsSchema>['shops'][number];
