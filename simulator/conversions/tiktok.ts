import { isRecord } from '../files/json-facts.ts';
import { type Reply, refusal, requestId, success } from '../platform/reply.ts';
import { isAmount, isDigests, isText, jsonBody, timeFault } from './checks.ts';
import { type ConversionPlatforms, credentials } from './platforms.ts';
import { bodySource, type ConversionCall, type ConversionRoute } from './route.ts';

const mostEvents = 1_000;
const sources: Record<string, readonly string[]> = {
  web: credentials.tiktok.pixel_ids,
  app: [credentials.tiktok.app_id],
  offline: [credentials.tiktok.offline_event_set_id],
  crm: [credentials.tiktok.crm_event_set_id],
};

/**
 * `POST /open_api/v1.3/event/track/` (facts, section 1): errors inside HTTP 200, one bad event refuses the request, and
 * doubles of an event and id within 48 hours are taken and not counted.
 */
export const tiktokEvents: ConversionRoute = {
  name: 'tiktok_events',
  method: 'POST',
  path: /^\/open_api\/v1\.3\/event\/track\/$/,
  source: (request) => bodySource(request, Object.values(sources).flat()),
  answer: track,
  failure: (fault, nowMs) =>
    fault.kind === 'throttle'
      ? { ...refusal(200, 40100, 'Too many requests', nowMs), throttled: true }
      : refusal(fault.httpStatus, fault.kind === 'code' ? fault.code : 50000, fault.message, nowMs),
};

function track({ platforms, request, fault }: ConversionCall): Reply {
  const nowMs = platforms.clock.nowMs();
  const no = (code: number, message: string): Reply => refusal(200, code, message, nowMs);
  const token = request.headers['access-token'];
  if (!isText(token)) return no(40104, 'Access token is empty');
  if (token !== credentials.tiktok.access_token || platforms.tokens.tiktok === 'revoked')
    return no(40105, 'Access token is incorrect or has been revoked');
  if (platforms.tokens.tiktok === 'expired') return no(40102, 'Access token is expired');
  const body = jsonBody(request);
  if (body === null) return no(40002, 'The request body is not a JSON object');
  const medium = String(body.event_source);
  if (!Object.hasOwn(sources, medium))
    return no(40002, 'event_source: Must be one of web, app, offline, crm');
  const source = body.event_source_id;
  if (!isText(source)) return no(40002, 'event_source_id: Missing data for required field');
  if (platforms.tokens.tiktok === 'no_permission' || !sources[medium]?.includes(source))
    return no(40001, `No permission to operate pixel ${source}`);
  if (platforms.limits.take('conversions', source, 'tiktok_events') > 0)
    return { ...no(40100, 'Too many requests. Please retry in some seconds'), throttled: true };
  const { data } = body;
  if (!Array.isArray(data) || data.length === 0) return no(40002, 'data: Missing data for required field');
  if (data.length > mostEvents) return no(40002, `data: Longer than maximum length ${mostEvents}`);
  const ledger = platforms.ledger('tiktok', source);
  const whole = requestFault(platforms, data, medium);
  if (whole !== null) {
    ledger.refused += data.length;
    return no(40002, whole);
  }
  const test = isText(body.test_event_code);
  const failed: { event_id: string; code: number; message: string }[] = [];
  let listed = true;
  for (const [position, event] of data.entries()) {
    const eventId = String(event.event_id);
    const refused = platforms.refusals.find('tiktok', eventId);
    const left = fault?.kind === 'partial' && position < fault.count;
    if (refused === null && !left) {
      ledger.take(String(event.event), eventId, nowMs, test);
      continue;
    }
    if (left ? !fault.listed : refused?.way === 'blind') listed = false;
    ledger.refused += 1;
    failed.push({
      event_id: eventId,
      code: left ? 50000 : 40002,
      message: left ? 'System error' : (refused?.error ?? ''),
    });
  }
  if (failed.length === 0) return success('{}', data.length, nowMs);
  const answer = {
    code: 20001,
    message: 'Partial success',
    request_id: requestId(nowMs),
    data: listed ? { failed_events: failed } : {},
  };
  return { ...success('{}', data.length - failed.length, nowMs), code: 20001, body: JSON.stringify(answer) };
}

/** @returns why the whole request is refused, with the path of the event; null when it is not */
function requestFault(
  platforms: ConversionPlatforms,
  data: readonly unknown[],
  medium: string,
): string | null {
  const { largestAgeDays, largestAgeDaysOffline } = platforms.settings;
  const age = medium === 'web' || medium === 'app' ? largestAgeDays : largestAgeDaysOffline;
  for (const [position, event] of data.entries()) {
    const fault = isRecord(event) ? eventFault(event, platforms.clock.now(), age) : 'Invalid type';
    if (fault !== null) return `Batch.${position}${fault.startsWith('Invalid') ? ': ' : '.'}${fault}`;
    const refused = platforms.refusals.find('tiktok', String(isRecord(event) ? event.event_id : ''));
    if (refused?.way === 'named') return `Batch.${position}.properties: ${refused.error}`;
    if (refused?.way === 'unnamed') return refused.error;
  }
  return null;
}

function eventFault(event: Record<string, unknown>, now: number, largestAgeDays: number): string | null {
  if (!isText(event.event)) return 'event: Missing data for required field';
  if (event.event_id !== undefined && !isText(event.event_id)) return 'event_id: Not a valid string';
  const time = timeFault(event.event_time, now, largestAgeDays);
  if (time !== null) return `event_time: ${time}`;
  if (event.limited_data_use !== undefined && typeof event.limited_data_use !== 'boolean')
    return 'limited_data_use: Not a valid boolean';
  for (const part of ['user', 'page', 'properties']) {
    if (event[part] !== undefined && !isRecord(event[part])) return `${part}: Invalid type`;
  }
  return (
    userFault(isRecord(event.user) ? event.user : {}) ??
    pageFault(isRecord(event.page) ? event.page : {}) ??
    propertiesFault(isRecord(event.properties) ? event.properties : {})
  );
}

const hashed = ['email', 'phone', 'external_id', 'first_name', 'last_name', 'zip_code'];
const inClear = ['city', 'state', 'country', 'ttclid', 'ttp', 'ip', 'user_agent', 'locale'];

function userFault(user: Record<string, unknown>): string | null {
  for (const name of hashed) {
    if (user[name] !== undefined && !isDigests(user[name]))
      return `user.${name}: Must be hashed with SHA-256`;
  }
  for (const name of inClear) {
    if (user[name] !== undefined && !isText(user[name])) return `user.${name}: Not a valid string`;
  }
  return null;
}

function pageFault(page: Record<string, unknown>): string | null {
  for (const name of ['url', 'referrer']) {
    if (page[name] !== undefined && !isText(page[name])) return `page.${name}: Not a valid string`;
  }
  return null;
}

function propertiesFault(properties: Record<string, unknown>): string | null {
  const { value, currency, contents } = properties;
  if (value !== undefined && !isAmount(value)) return 'properties.value: Not a valid number';
  if (currency !== undefined && !(typeof currency === 'string' && /^[A-Z]{3}$/.test(currency)))
    return 'properties.currency: Not a valid currency';
  if (contents === undefined) return null;
  if (!Array.isArray(contents)) return 'properties.contents: Not a valid list';
  for (const [position, content] of contents.entries()) {
    const path = `properties.contents.${position}`;
    if (!isRecord(content)) return `${path}: Invalid type`;
    if (content.content_id !== undefined && !isText(content.content_id))
      return `${path}.content_id: Not a valid string`;
    for (const name of ['price', 'quantity']) {
      if (content[name] !== undefined && !isAmount(content[name]))
        return `${path}.${name}: Not a valid number`;
    }
  }
  return null;
}
