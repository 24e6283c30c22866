import { createHash } from 'node:crypto';

export const troubleKinds = [
  /** The owner has to log in again: code 98001002. */
  'expired',
  /** The same as a redirect to the login page. */
  'expired_html',
  /** A human check instead of an answer: code 10000 with the header `bdturing-verify`. */
  'challenge',
  /** A good answer that nevertheless asks for a human check. */
  'challenge_on_success',
  /** Code 0 and no data. */
  'silent',
  /** HTTP 404, `No matching route`. */
  'gone',
  /** Code 98001021. */
  'downstream',
  /** The site does not want this caller: code 100000. */
  'blocked',
  /** HTTP 200 without a body, as for a wrong signature. */
  'signature_refused',
  /** A row moves to the next page between two calls: it comes twice, another one not at all. */
  'shuffle',
] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** What goes wrong with calls to the seller center of one shop. */
export interface Trouble {
  kind: TroubleKind;
  /** Calls let through before it begins. */
  after: number;
  /** Calls it still hits; `null` is without end. */
  times: number | null;
}

export interface SellerCenterSettings {
  /** `signed` and `strict` want both signatures; `strict` also that they name the same browser. */
  access: 'open' | 'signed' | 'strict';
  /** Seconds that a login lasts. */
  lifetime: number;
  countsAsText: boolean;
  /** `amount` of money as a JSON number. */
  amountsAsNumber: boolean;
}

const usualLifetime = 259_200;

/** One owner's access to the web application of one shop: the login, its age, and what goes wrong. */
export class SellerCenterSession {
  readonly sellerId: string;
  settings: SellerCenterSettings = {
    access: 'open',
    lifetime: usualLifetime,
    countsAsText: false,
    amountsAsNumber: false,
  };
  troubles: Trouble[] = [];
  readonly #seed: number;
  #logins = 0;
  #issuedAt: number;

  /** @param now Unix seconds */
  constructor(sellerId: string, seed: number, now: number) {
    this.sellerId = sellerId;
    this.#seed = seed;
    this.#issuedAt = now;
  }

  /** What the owner would copy out of the browser. */
  get cookie(): string {
    const { lifetime } = this.settings;
    const expires = new Date((this.#issuedAt + lifetime) * 1000).toUTCString();
    const guard = encodeURIComponent(`${this.#session}|${this.#issuedAt}|${lifetime}|${expires}`);
    return [
      `s_v_web_id=${this.fp}`,
      `sessionid_tiktokseller=${this.#session}`,
      `sessionid_ss_tiktokseller=${this.#session}`,
      `sid_guard_tiktokseller=${guard}`,
      `oec_seller_id_unified_seller_env=${this.sellerId}`,
      'msToken=invented-token-of-no-value==',
    ].join('; ');
  }

  get fp(): string {
    return `verify_simulated_${this.#seed.toString(36)}`;
  }

  /** The owner logs in anew: the earlier session is dead. */
  login(now: number): void {
    this.#logins += 1;
    this.#issuedAt = now;
  }

  /** Whether the cookie carries the login, and it still lasts. */
  isAlive(cookie: string, now: number): boolean {
    return (
      cookie.split(/;\s*/).includes(`sessionid_tiktokseller=${this.#session}`) &&
      now < this.#issuedAt + this.settings.lifetime
    );
  }

  /** The trouble that this call meets, if any. */
  takeTrouble(): TroubleKind | null {
    for (const trouble of this.troubles) {
      if (trouble.times !== null && trouble.times <= 0) continue;
      if (trouble.after > 0) {
        trouble.after -= 1;
        continue;
      }
      if (trouble.times !== null) trouble.times -= 1;
      return trouble.kind;
    }
    return null;
  }

  get #session(): string {
    return createHash('sha256')
      .update(`seller center ${this.#seed} ${this.#logins}`)
      .digest('hex')
      .slice(0, 32);
  }
}
