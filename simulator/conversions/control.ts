import type { ServerResponse } from 'node:http';
import { newAppointment } from './acuity.ts';
import {
  type ConversionPlatforms,
  type ConversionSettings,
  credentials,
  platformNames,
  type TokenState,
} from './platforms.ts';
import { readRefusal } from './refusals.ts';

/** What a control call asks, after `/control/conversions/`. */
export interface ConversionControl {
  method: string;
  /** The next parts of the path. */
  parts: readonly string[];
  query: ReadonlyMap<string, string>;
  body: Record<string, unknown>;
}

const tokenStates: readonly TokenState[] = ['valid', 'expired', 'revoked', 'no_permission'];

const settingNames: Record<string, keyof ConversionSettings> = {
  largest_age_days: 'largestAgeDays',
  largest_age_days_offline: 'largestAgeDaysOffline',
  processing_ms: 'processingMs',
  upload_allowed: 'uploadAllowed',
  access_token_lifetime: 'accessTokenLifetime',
};

/**
 * Looks at the platforms of conversions and changes them.
 *
 * @returns what to answer; a string says what is wrong with the call, null that there is no such call, undefined that the
 *   answer has been written already
 */
export function controlConversions(
  platforms: ConversionPlatforms,
  { method, parts, query, body }: ConversionControl,
  response: ServerResponse,
): Record<string, unknown> | string | null | undefined {
  const [first = '', second] = parts;
  switch (`${method} ${first}`) {
    case 'GET ':
      return { credentials, tokens: platforms.tokens, sources: summaries(platforms) };
    case 'GET ledger':
      return writeLedger(platforms, query, response);
    case 'DELETE ledger':
      platforms.forget();
      return {};
    case 'GET refusals':
      return { refusals: platforms.refusals.list().map(describeRefusal) };
    case 'POST refusals': {
      const refusal = readRefusal(body);
      if (typeof refusal === 'string') return refusal;
      platforms.refusals.add(refusal);
      return describeRefusal(refusal);
    }
    case 'DELETE refusals':
      platforms.refusals.clear();
      return {};
    case 'POST tokens':
      return changeToken(platforms, second, body.state);
    case 'POST appointments':
      return putAppointment(platforms, second, body);
    case 'GET settings':
      return shownSettings(platforms);
    case 'POST settings':
      return changeSettings(platforms, body);
    default:
      return null;
  }
}

function summaries(platforms: ConversionPlatforms): Record<string, unknown>[] {
  return [...platforms.ledgers()].map(({ platform, source, ledger }) => ({
    platform,
    source,
    ...ledger.summary(),
  }));
}

/** NDJSON, an event and source a line, in the order of arrival: `{platform, source, event, event_id, received, counted}`. */
function writeLedger(
  platforms: ConversionPlatforms,
  query: ReadonlyMap<string, string>,
  response: ServerResponse,
): undefined {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const test = query.get('test') === 'true';
  for (const { platform, source, ledger } of platforms.ledgers()) {
    if (platform !== (query.get('platform') ?? platform) || source !== (query.get('source') ?? source))
      continue;
    let lines = '';
    for (const { event, event_id, received, counted } of ledger.entries(test))
      lines += `${JSON.stringify({ platform, source, event, event_id, received, counted })}\n`;
    response.write(lines);
  }
  response.end();
}

function describeRefusal({ eventIds, ...refusal }: Exclude<ReturnType<typeof readRefusal>, string>) {
  return { ...refusal, event_ids: eventIds === null ? null : [...eventIds] };
}

function changeToken(
  platforms: ConversionPlatforms,
  name: string | undefined,
  wanted: unknown,
): Record<string, unknown> | string {
  const platform = platformNames.find((known) => known === name);
  const state = tokenStates.find((known) => known === wanted);
  if (platform === undefined) return `the platforms are ${platformNames.join(', ')}`;
  if (state === undefined) return `state must be one of ${tokenStates.join(', ')}`;
  platforms.tokens[platform] = state;
  // What Google gave out before has ended; what it gives out next lives.
  if (state !== 'valid') platforms.accessTokens.clear();
  return { platform, state };
}

/** Adds an appointment, or changes the one of the id. */
function putAppointment(
  platforms: ConversionPlatforms,
  given: string | undefined,
  changes: Record<string, unknown>,
): Record<string, unknown> | string {
  const id = given === undefined ? 730_000_001 + platforms.appointments.size : Number(given);
  if (!Number.isInteger(id)) return 'the id of an appointment is a number';
  const known = platforms.appointments.get(String(id)) ?? {};
  const appointment = { ...newAppointment(id, known), ...changes, id };
  platforms.appointments.set(String(id), appointment);
  return appointment;
}

function shownSettings(platforms: ConversionPlatforms): Record<string, unknown> {
  const shown = Object.entries(settingNames).map(([name, key]) => [name, platforms.settings[key]]);
  return { ...Object.fromEntries(shown), rate_limit: platforms.limits.setting.rate };
}

function changeSettings(
  platforms: ConversionPlatforms,
  body: Record<string, unknown>,
): Record<string, unknown> | string {
  const wanted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'rate_limit' || name === 'burst' || name === 'source' || name === 'route') continue;
    const key = Object.hasOwn(settingNames, name) ? settingNames[name] : undefined;
    if (key === undefined) return `There is no setting ${name}`;
    if (typeof value !== typeof platforms.settings[key]) return `${name} is of another type`;
    wanted[key] = value;
  }
  Object.assign(platforms.settings, wanted);
  if (typeof body.rate_limit === 'number') {
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    const burst = typeof body.burst === 'number' ? body.burst : 0;
    platforms.limits.set(text(body.source), text(body.route), { rate: body.rate_limit, burst });
  }
  return shownSettings(platforms);
}
