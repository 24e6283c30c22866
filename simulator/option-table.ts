import type { SimulatorOptions } from './options.ts';

interface NumberRule {
  least: number;
  most: number;
}

/** What a value may be. */
export type Rule = 'text' | 'flag' | NumberRule | readonly (string | number)[];

/** One command-line option of `tideline simulate`. */
export interface OptionDescription {
  name: keyof SimulatorOptions;
  /** As commander takes it. */
  flags: string;
  description: string;
  rule: Rule;
}

/** The options of `tideline simulate`, for commander's `.option(flags, description)`. */
export const simulateOptions: readonly OptionDescription[] = [
  {
    name: 'port',
    flags: '--port <number>',
    description: 'port to listen on; 0 takes a free one',
    rule: { least: 0, most: 65_535 },
  },
  { name: 'host', flags: '--host <address>', description: 'address to listen on', rule: 'text' },
  {
    name: 'shops',
    flags: '--shops <number>',
    description: 'how many shops to generate',
    rule: { least: 1, most: 100 },
  },
  {
    name: 'ordersCount',
    flags: '--orders-count <number>',
    description: 'orders of each generated shop',
    rule: { least: 0, most: 4_000_000 },
  },
  {
    name: 'products',
    flags: '--products <number>',
    description: 'products of each generated shop',
    rule: { least: 1, most: 100_000 },
  },
  {
    name: 'seed',
    flags: '--seed <number>',
    description: 'the same seed gives the same shops',
    rule: { least: 0, most: 2_147_483_647 },
  },
  {
    name: 'historyDays',
    flags: '--history-days <number>',
    description: 'days that a generated history spans',
    rule: { least: 1, most: 3_660 },
  },
  {
    name: 'ordersFile',
    flags: '--orders <file>',
    description: 'serve the orders of an NDJSON file, plain or .gz',
    rule: 'text',
  },
  {
    name: 'shiftToNow',
    flags: '--shift-to-now',
    description: 'move the times of the file so that the newest is now',
    rule: 'flag',
  },
  {
    name: 'sellers',
    flags: '--sellers <number>',
    description: 'sellers that the shops are divided among',
    rule: { least: 1, most: 100 },
  },
  { name: 'appKey', flags: '--app-key <text>', description: 'app key that clients sign with', rule: 'text' },
  {
    name: 'appSecret',
    flags: '--app-secret <text>',
    description: 'app secret that clients sign with',
    rule: 'text',
  },
  {
    name: 'serviceId',
    flags: '--service-id <text>',
    description: 'service id of the consent page',
    rule: 'text',
  },
  {
    name: 'redirectUri',
    flags: '--redirect-uri <url>',
    description: 'where the consent page sends the browser',
    rule: 'text',
  },
  {
    name: 'autoConsent',
    flags: '--auto-consent <answer>',
    description: 'answer the consent page without asking: allow or deny',
    rule: ['allow', 'deny'],
  },
  {
    name: 'rateLimit',
    flags: '--rate-limit <calls>',
    description: 'calls a second for each shop and endpoint; 0 is without limit',
    rule: { least: 0, most: 1e6 },
  },
  {
    name: 'burst',
    flags: '--burst <calls>',
    description: 'calls that may come at once; 0 is one second of the rate',
    rule: { least: 0, most: 1e6 },
  },
  {
    name: 'throttleInBody',
    flags: '--throttle-in-body',
    description: 'answer throttling inside an HTTP 200',
    rule: 'flag',
  },
  {
    name: 'retryAfter',
    flags: '--retry-after <form>',
    description: 'Retry-After of a 429: none, seconds or date',
    rule: ['none', 'seconds', 'date'],
  },
  {
    name: 'hourlyQuota',
    flags: '--hourly-quota <calls>',
    description: 'calls an hour and shop, as development shops have; 0 is without',
    rule: { least: 0, most: 1e9 },
  },
  {
    name: 'latencyMs',
    flags: '--latency <ms>',
    description: 'wait this long before every answer',
    rule: { least: 0, most: 600_000 },
  },
  {
    name: 'pageTokenKind',
    flags: '--page-tokens <kind>',
    description: 'stable or shifting',
    rule: ['stable', 'shifting'],
  },
  {
    name: 'strictGrantType',
    flags: '--strict-grant-type',
    description: 'refuse a refresh with another grant_type',
    rule: 'flag',
  },
  {
    name: 'expiredTokenStatus',
    flags: '--expired-token-status <status>',
    description: 'HTTP status for an expired access token: 200 or 401',
    rule: [200, 401],
  },
  {
    name: 'lenientSignature',
    flags: '--lenient-signature',
    description: 'also accept signatures that leave out a body of {}',
    rule: 'flag',
  },
  {
    name: 'accessTokenLifetime',
    flags: '--access-token-lifetime <s>',
    description: 'seconds that an access token lives',
    rule: { least: 1, most: 1e9 },
  },
  {
    name: 'oldRefreshToken',
    flags: '--old-refresh-token <fate>',
    description: 'after a refresh the old refresh token is replaced or kept',
    rule: ['replaced', 'kept'],
  },
  {
    name: 'traffic',
    flags: '--traffic <orders>',
    description: 'orders a minute and shop that appear or change by themselves',
    rule: { least: 0, most: 60_000 },
  },
  {
    name: 'gzip',
    flags: '--gzip',
    description: 'compress answers for clients that ask for it',
    rule: 'flag',
  },
  {
    name: 'journalSize',
    flags: '--journal-size <calls>',
    description: 'calls kept in the journal',
    rule: { least: 0, most: 1_000_000 },
  },
  {
    name: 'now',
    flags: '--now <seconds>',
    description: 'Unix seconds at which generated histories end',
    rule: { least: 1_000_000_000, most: 4_000_000_000 },
  },
];
