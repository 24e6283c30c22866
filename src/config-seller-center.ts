import { resolve } from 'node:path';
import { z } from 'zod';
import { oneOf, origin } from './config-values.ts';
import type { SellerCenterConfig } from './seller-center/settings.ts';
import { signatureProfiles } from './sources/seller-center/connection.ts';
import { isCookie } from './sources/seller-center/cookie.ts';

const cookie = z
  .string()
  .max(16_384, 'must have at most 16384 characters')
  .refine(isCookie, 'must be what a browser sends as its cookie: name=value, separated by semicolons');

/** What the seller-center source reads from the environment. */
export const sellerCenterVariables = {
  TIKTOK_SELLER_CENTER_URL: origin({ prefix: true, plainHttp: false }).optional(),
  TIKTOK_SHOP_COOKIE: cookie.optional(),
  TIKTOK_SHOP_OEC_SELLER_ID: z
    .string()
    .regex(/^\d{1,25}$/, 'must be a number of digits')
    .optional(),
  TIKTOK_SHOP_FP: z
    .string()
    .regex(/^[\w.~-]{1,200}$/, 'must be the value of the cookie s_v_web_id')
    .optional(),
  TIKTOK_SELLER_CENTER_SIGNER: z.string().max(1_000, 'must have at most 1000 characters').prefault('none'),
  TIKTOK_SELLER_CENTER_PROFILE: oneOf(signatureProfiles).prefault('seed-5.1.1'),
};

export const sellerCenterVariableFacts = {
  TIKTOK_SELLER_CENTER_URL: { example: 'https://seller-us.tiktok.com', aliases: ['TIKTOK_SHOP_BASE_URL'] },
  TIKTOK_SHOP_COOKIE: { example: 'sessionid_tiktokseller=0123456789abcdef', secret: true as const },
  TIKTOK_SHOP_OEC_SELLER_ID: { example: '7495000000000000001' },
  TIKTOK_SHOP_FP: { example: 'verify_abc_def', secret: true as const },
  TIKTOK_SELLER_CENTER_SIGNER: { example: 'builtin' },
  TIKTOK_SELLER_CENTER_PROFILE: { example: 'seller-5.1.0' },
};

type Values = z.output<z.ZodObject<typeof sellerCenterVariables>>;

export function readSellerCenterConfig(values: Values, signerFolder: string): SellerCenterConfig {
  const { TIKTOK_SHOP_COOKIE: cookie, TIKTOK_SELLER_CENTER_SIGNER: signer } = values;
  return {
    baseUrl: values.TIKTOK_SELLER_CENTER_URL ?? null,
    signerFolder,
    signer: ['none', 'builtin'].includes(signer) ? signer : resolve(signer),
    profile: values.TIKTOK_SELLER_CENTER_PROFILE,
    session:
      cookie === undefined
        ? null
        : { cookie, sellerId: values.TIKTOK_SHOP_OEC_SELLER_ID, fp: values.TIKTOK_SHOP_FP },
  };
}
