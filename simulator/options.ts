import { TidelineError } from '../src/errors.ts';
import { type Rule, simulateOptions } from './option-table.ts';

export { type OptionDescription, simulateOptions } from './option-table.ts';

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
  /** Serves the orders of this file as one US shop instead of generated ones. */
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
