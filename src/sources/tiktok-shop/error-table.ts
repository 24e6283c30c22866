import type { ApiErrorKind } from './errors.ts';

/** One row: an answer fits when every condition that is given holds. */
export interface ErrorRule {
  /** TikTok's own numbers. */
  codes?: readonly number[];
  /** HTTP status, one or a range. */
  status?: readonly [from: number, to: number];
  /** Against the envelope's message. */
  text?: RegExp;
  /** Whether the body was TikTok's envelope; a page of a gateway in between is not. */
  envelope?: boolean;
  kind: ApiErrorKind;
  code: string;
  title: string;
  action: string;
}

const again = 'Nothing: the call is tried again.';
const reconnect = 'Connect the shop again, so that its seller renews the authorization.';
const report = 'Report this to the makers of Tideline together with the request id.';

/**
 * Every failure that TikTok Shop is known to answer with; the first row that fits decides
 * (TikTok Shop Partner Center, "Common errors" and "Rate limits"). Most codes come with HTTP 200 as well as 4xx,
 * so the code is looked at first, and 36009004 means eight different things that only its text tells apart.
 */
export const errorTable: readonly ErrorRule[] = [
  {
    codes: [36009037],
    kind: 'quota-exhausted',
    code: 'hourly-quota-exhausted',
    title: 'The hourly quota of this development shop is used up',
    action: 'Nothing: work goes on in the next hour.',
  },
  {
    codes: [36009002, 12052109],
    kind: 'rate-limited',
    code: 'rate-limited',
    title: 'TikTok Shop asks for fewer requests',
    action: again,
  },
  {
    status: [429, 429],
    kind: 'rate-limited',
    code: 'rate-limited',
    title: 'TikTok Shop asks for fewer requests',
    action: again,
  },
  {
    codes: [36009007],
    kind: 'transient',
    code: 'gateway-timeout',
    title: "TikTok Shop's gateway ran out of time",
    action: again,
  },
  {
    codes: [
      36009003, 12001000, 12052881, 33001002, 10006402, 10002014, 10002015, 10037002, 10037003, 10037004,
      45101001, 25020008,
    ],
    kind: 'transient',
    code: 'upstream-internal-error',
    title: 'TikTok Shop had an internal error',
    action: again,
  },
  {
    codes: [105002],
    kind: 'token-expired',
    code: 'access-token-expired',
    title: 'The access token has expired',
    action: again,
  },
  {
    codes: [36009004],
    text: /x-tts-access-token|access.?token/i,
    kind: 'token-expired',
    code: 'access-token-unknown',
    title: 'TikTok Shop does not know the access token',
    action: again,
  },
  {
    codes: [105001, 105003, 105004],
    kind: 'token-expired',
    code: 'access-token-refused',
    title: 'TikTok Shop refused the access token',
    action: again,
  },
  {
    codes: [105005, 12019114, 12009014, 12052700, 66009315],
    kind: 'disconnected',
    code: 'permission-missing',
    title: 'The app or the seller lacks a permission for this call',
    action: 'Approve the missing scope for the app in Partner Center, then connect the shop again.',
  },
  {
    codes: [101000],
    kind: 'disconnected',
    code: 'token-of-another-shop',
    title: 'The access token does not belong to this shop',
    action: reconnect,
  },
  {
    codes: [36009043, 36009044],
    kind: 'disconnected',
    code: 'shop-inactive',
    title: 'TikTok Shop says that the shop or its seller is inactive',
    action: 'Have the seller reactivate the shop, then connect it again.',
  },
  {
    codes: [36004004],
    kind: 'invalid-request',
    code: 'authorization-code-refused',
    title: 'The authorization code was used already, has expired or is wrong',
    action: 'Connect the shop again.',
  },
  {
    codes: [36009004],
    text: /timestamp/i,
    kind: 'clock',
    code: 'clock-out-of-step',
    title: "The request's time is outside the window that TikTok Shop accepts",
    action: "Set this machine's clock by a time server.",
  },
  {
    codes: [36009004],
    text: /app_?key/i,
    kind: 'configuration',
    code: 'app-key-refused',
    title: 'TikTok Shop does not accept the app key',
    action: 'Check TIKTOK_SHOP_APP_KEY, and that the app is enabled in Partner Center.',
  },
  {
    codes: [106001],
    kind: 'configuration',
    code: 'signature-refused',
    title: 'TikTok Shop does not accept the signature',
    action: 'Check that TIKTOK_SHOP_APP_SECRET belongs to TIKTOK_SHOP_APP_KEY.',
  },
  {
    codes: [36009033],
    kind: 'configuration',
    code: 'address-not-allowed',
    title: "This machine's IP address is not on the app's allow list",
    action: "Add the address to the app's IP allow list in Partner Center.",
  },
  {
    codes: [36009009, 36009010],
    kind: 'invalid-request',
    code: 'unknown-endpoint',
    title: 'TikTok Shop does not know the path or its method',
    action: 'Check TIKTOK_SHOP_API_URL; if it is right, report this to the makers of Tideline.',
  },
  {
    codes: [106013],
    kind: 'invalid-request',
    code: 'shop-cipher-missing',
    title: 'The call lacked its shop cipher',
    action: report,
  },
  {
    codes: [36009004],
    text: /signature|credentials/i,
    kind: 'invalid-request',
    code: 'signature-missing',
    title: 'The call lacked its signature',
    action: report,
  },
  {
    codes: [36009004],
    text: /not required|unexpected identifier/i,
    kind: 'invalid-request',
    code: 'parameter-not-wanted',
    title: 'The call carried a parameter that this endpoint refuses',
    action: report,
  },
  {
    codes: [36009014],
    kind: 'invalid-request',
    code: 'unknown-api-version',
    title: 'TikTok Shop no longer knows this version of the endpoint',
    action: 'Update Tideline.',
  },
  {
    codes: [36009004],
    text: /api version/i,
    kind: 'invalid-request',
    code: 'unknown-api-version',
    title: 'TikTok Shop no longer knows this version of the endpoint',
    action: 'Update Tideline.',
  },
  {
    codes: [36009004, 98001004, 12019118, 12019119, 12019109, 12019120, 12019027, 12019087],
    kind: 'invalid-request',
    code: 'parameter-refused',
    title: 'TikTok Shop refused a parameter',
    action: report,
  },
  {
    status: [408, 408],
    kind: 'transient',
    code: 'gateway-timeout',
    title: "TikTok Shop's gateway ran out of time",
    action: again,
  },
  {
    status: [504, 504],
    kind: 'transient',
    code: 'gateway-timeout',
    title: "TikTok Shop's gateway ran out of time",
    action: again,
  },
  {
    status: [500, 599],
    kind: 'transient',
    code: 'upstream-unavailable',
    title: 'TikTok Shop is unavailable',
    action: again,
  },
  {
    status: [425, 425],
    kind: 'transient',
    code: 'upstream-unavailable',
    title: 'TikTok Shop is unavailable',
    action: again,
  },
  {
    status: [401, 401],
    envelope: true,
    kind: 'token-expired',
    code: 'access-token-refused',
    title: 'TikTok Shop refused the access token',
    action: again,
  },
  {
    envelope: true,
    text: /too many requests|rate.?limit|qps|throttl|request frequency/i,
    kind: 'rate-limited',
    code: 'rate-limited',
    title: 'TikTok Shop asks for fewer requests',
    action: again,
  },
  {
    envelope: true,
    text: /internal (?:server |system )?error|system (?:error|busy)|service (?:is )?unavailable|timed? ?out|try again/i,
    kind: 'transient',
    code: 'upstream-internal-error',
    title: 'TikTok Shop had an internal error',
    action: again,
  },
  {
    envelope: true,
    kind: 'invalid-request',
    code: 'request-refused',
    title: 'TikTok Shop refused the call',
    action: report,
  },
  {
    status: [300, 499],
    kind: 'configuration',
    code: 'not-tiktok-shop',
    title: 'Something else than TikTok Shop answered, or a gateway in between refused the call',
    action: 'Check TIKTOK_SHOP_API_URL and any proxy between this machine and TikTok Shop.',
  },
  {
    kind: 'invalid-response',
    code: 'unreadable-answer',
    title: 'The answer is not what TikTok Shop documents',
    action: again,
  },
];
