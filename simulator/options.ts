import { TidelineError } from '../src/errors.ts';

/** How a simulated TikTok Shop is set up. Everything has a default: see {@link defaultOptions}. */
export interface SimulatorOptions {
  /** 0 takes a free port. */
  port: number;
  host: string;
  shops: number;
  /** Orders of each generated shop. */
  ordersCount: number;
  /** Products of each generated shop. */
  products: number;
  seed: number;
  /** Days that a generated history spans. */
  historyDays: number;
  /** Serves the orders of this file (contract, section 7) as one US shop instead of generated ones. */
  ordersFile: string | null;
  /** Moves the times of a file so that the newest is now. */
  shiftToNow: boolean;
  /** Sellers that the shops are divided among, each with a grant of its own. */
  sellers: number;
  appKey: string;
  appSecret: string;
  serviceId: string;
  /** Where the consent page sends the browser; can be set later by the control API. */
  redirectUri: string | null;
  /** Answers the consent page by itself, for scripts. */
  autoConsent: 'allow' | 'deny' | null;
  /** Calls a second for each app, shop and endpoint; 0 is without limit. */
  rateLimit: number;
  /** Calls that may come at once; 0 stands for one second's worth. */
  burst: number;
  /** Throttling is answered inside an HTTP 200 instead of with 429. */
  throttleInBody: boolean;
  retryAfter: 'none' | 'seconds' | 'date';
  /** Calls an hour for each shop, as development shops have (code 36009037); 0 is without. */
  hourlyQuota: number;
  latencyMs: number;
  /** `stable` tokens remember a row, `shifting` ones only count rows in the live order. */
  pageTokenKind: 'stable' | 'shifting';
  /** Refuses a refresh whose grant_type is not refresh_token. */
  strictGrantType: boolean;
  /** HTTP status with which an expired access token is answered; the platform has been seen to use both. */
  expiredTokenStatus: 200 | 401;
  /** Also accepts signatures that leave out a body of `{}`, as two SDKs make them. */
  lenientSignature: boolean;
  /** Seconds; the platform's is seven days. */
  accessTokenLifetime: number;
  /** `replaced`: a refresh kills the old refresh token; `kept`: it goes on working. */
  oldRefreshToken: 'replaced' | 'kept';
  /** Orders a minute and shop that appear or change by themselves. */
  traffic: number;
  /** Compresses answers for clients that ask for gzip. */
  gzip: boolean;
  /** Calls kept in the journal. */
  journalSize: number;
  /** Unix seconds at which generated histories end; `null` is the moment of the start. Fixing it makes shops repeatable. */
  now: number | null;
}

export const defaultOptions: SimulatorOptions = {
  port: 0,
  host: '127.0.0.1',
  shops: 1,
  ordersCount: 5_000,
  products: 400,
  seed: 1,
  historyDays: 730,
  ordersFile: null,
  shiftToNow: false,
  sellers: 1,
  appKey: '6simulatedapp',
  appSecret: 'simulated-app-secret-of-no-value',
  serviceId: '7300000000000000001',
  redirectUri: null,
  autoConsent: null,
  rateLimit: 0,
  burst: 0,
  throttleInBody: false,
  retryAfter: 'seconds',
  hourlyQuota: 0,
  latencyMs: 0,
  pageTokenKind: 'shifting',
  strictGrantType: false,
  expiredTokenStatus: 200,
  lenientSignature: false,
  accessTokenLifetime: 604_800,
  oldRefreshToken: 'replaced',
  traffic: 0,
  gzip: false,
  journalSize: 10_000,
  now: null,
};

interface NumberRule {
  least: number;
  most: number;
}

type Rule = 'text' | 'flag' | NumberRule | readonly (string | number)[];

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

/**
 * Turns what commander collected (or a JSON object with the same names) into options. Names are the last part of the
 * flags in camel case (`--orders-count` is `ordersCount`) or the option's own name.
 *
 * Throws one {@link TidelineError} that lists every value that does not fit.
 */
export function readSimulateOptions(given: Record<string, unknown>): SimulatorOptions {
  const faults: string[] = [];
  const read: Record<string, unknown> = { ...defaultOptions };
  for (const { name, flags, rule } of simulateOptions) {
    const flag = flags.split(' ')[0] ?? flags;
    const camel = flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = given[camel] ?? given[name];
    if (value === undefined || value === null) continue;
    const result = applyRule(value, rule);
    if (typeof result === 'object') faults.push(`${flag} ${result.fault}`);
    else read[name] = result;
  }
  if (faults.length > 0) {
    throw new TidelineError({
      code: 'wrong-usage',
      message: `Wrong options: ${faults.join('; ')}.`,
      actor: 'user',
      action: 'See tideline simulate --help.',
    });
  }
  return { ...defaultOptions, ...read };
}

function applyRule(value: unknown, rule: Rule): string | number | boolean | { fault: string } {
  if (rule === 'flag') return value === true || value === 'true';
  if (rule === 'text') return String(value);
  if ('least' in rule) {
    const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
    const whole = Number.isInteger(number) || rule.most === 1e6;
    return whole && number >= rule.least && number <= rule.most
      ? number
      : { fault: `must be a number from ${rule.least} to ${rule.most}, not ${JSON.stringify(value)}` };
  }
  return (
    rule.find((allowed) => String(allowed) === String(value)) ?? {
      fault: `must be ${rule.join(' or ')}, not ${JSON.stringify(value)}`,
    }
  );
}
