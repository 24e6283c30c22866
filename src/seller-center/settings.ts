import type { SignatureProfile, SignerSettings } from '../sources/seller-center/connection.ts';
import type { SignerPlaces } from '../sources/seller-center/signers/load-signer.ts';
import type { StoredError } from '../sources/tiktok-shop/errors.ts';

/** What an owner may set beside the session; what is left out stays as it is. */
export interface SellerCenterChanges {
  /** Origin with an optional prefix; null: that of the environment, or else of the region. */
  baseUrl?: string | null | undefined;
  path?: string | undefined;
  userAgent?: string | undefined;
  locale?: string | undefined;
  /** `none`, `builtin`, or the path of a module in the folder for signers. */
  signer?: string | undefined;
  profile?: SignatureProfile | undefined;
  signerSettings?: { [Name in keyof SignerSettings]?: SignerSettings[Name] | undefined } | undefined;
}

/** A session as its owner hands it over. */
export interface SellerCenterSession {
  /** The whole `Cookie` header of the owner's browser. */
  cookie: string;
  /** Left out: what the cookie says. */
  sellerId?: string | undefined;
  /** Left out: what the cookie says, if it does. */
  fp?: string | undefined;
}

/** The connection as it is shown: everything but the session. */
export interface SellerCenterRecord {
  shop_id: string;
  /** `parked`: the session has ended or a human check is wanted; the owner has to connect it again. */
  status: 'off' | 'active' | 'parked';
  base_url: string | null;
  path: string | null;
  dialect: 'v2' | 'v3' | null;
  seller_id: string | null;
  user_agent: string | null;
  locale: string | null;
  signer: string | null;
  profile: SignatureProfile | null;
  signer_settings: SignerSettings | null;
  connected_at: string | null;
  /** A hint from the cookie; sessions end earlier, too. */
  log_in_again_before: string | null;
  from_environment: boolean;
  last_error: StoredError | null;
}

/** What the environment says of seller-center sources. */
export interface SellerCenterConfig {
  /** Set: of every shop that names none itself. */
  baseUrl: string | null;
  /** Absolute; modules that sign have to lie in it. */
  signerFolder: string;
  signer: string;
  profile: SignatureProfile;
  /** The one session that the environment may hold, for the only shop; null without a cookie. */
  session: SellerCenterSession | null;
}

/** Where signers may lie. */
export function signerPlaces({ signerFolder, signer }: SellerCenterConfig): SignerPlaces {
  return { folder: signerFolder, trusted: ['none', 'builtin'].includes(signer) ? null : signer };
}
