import { TidelineError } from '../../src/errors.ts';
import { readSimulateOptions, type SimulatorOptions, simulateOptions } from '../options.ts';
import type { Simulation } from '../simulation.ts';

/** What can be changed while the simulator runs. */
const changeable = new Set<keyof SimulatorOptions>([
  'redirectUri',
  'autoConsent',
  'rateLimit',
  'burst',
  'throttleInBody',
  'retryAfter',
  'hourlyQuota',
  'latencyMs',
  'pageTokenKind',
  'strictGrantType',
  'expiredTokenStatus',
  'lenientSignature',
  'accessTokenLifetime',
  'oldRefreshToken',
  'traffic',
  'gzip',
]);

const clockSettings = { clock_offset_ms: 'offsetMs', date_offset_ms: 'headerOffsetMs' } as const;

/**
 * Changes options of the running simulator, named as on the command line with `_` (`rate_limit`, `page_tokens`), and
 * its clock (`clock_offset_ms`, `date_offset_ms`). `shop_id` and `route` narrow a rate limit. Answers the options, or what is wrong.
 */
export function changeSettings(
  simulation: Simulation,
  body: Record<string, unknown>,
): Record<string, unknown> | string {
  const { options, clock, limits } = simulation;
  const narrowed = typeof body.shop_id === 'string' || typeof body.route === 'string';
  const wanted: Record<string, unknown> = { ...options };
  for (const [name, value] of Object.entries(body)) {
    if (name in clockSettings || name === 'shop_id' || name === 'route') continue;
    const option = simulateOptions.find((entry) => snake(entry.flags) === name);
    if (option === undefined || !changeable.has(option.name)) return `There is no setting ${name}`;
    wanted[option.name] = value;
  }
  let read: SimulatorOptions;
  try {
    read = readSimulateOptions(byOwnName(wanted));
  } catch (error) {
    if (error instanceof TidelineError) return error.message;
    throw error;
  }
  for (const [name, field] of Object.entries(clockSettings)) {
    const value = body[name];
    if (value === undefined) continue;
    if (typeof value !== 'number') return `${name} must be a number`;
    clock[field] = value;
  }
  const rate = { rate: read.rateLimit, burst: read.burst };
  if (narrowed) limits.set(textOrNull(body.shop_id), textOrNull(body.route), rate);
  else {
    if (read.rateLimit !== options.rateLimit || read.burst !== options.burst) limits.set(null, null, rate);
    Object.assign(options, read);
    limits.hourlyQuota = read.hourlyQuota;
  }
  const shown = simulateOptions
    .filter((entry) => changeable.has(entry.name))
    .map((entry) => [snake(entry.flags), options[entry.name]]);
  const clocks = Object.entries(clockSettings).map(([name, field]) => [name, clock[field]]);
  return Object.fromEntries([...shown, ...clocks]);
}

function byOwnName(options: Record<string, unknown>): Record<string, unknown> {
  // readSimulateOptions looks for the flag's name first, which `shops` and `port` share with the option's own.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

function snake(flags: string): string {
  return (flags.split(' ')[0] ?? '').slice(2).replaceAll('-', '_');
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
