import { isRecord } from '../files/json-facts.ts';
import { type Reply, requestId } from '../platform/reply.ts';
import { isAmount, isText, jsonBody, timeFault } from './checks.ts';
import { credentials } from './platforms.ts';
import { type ConversionCall, type ConversionRoute, jsonReply } from './route.ts';

const mostEvents = 1_000;
const tooOld = 2804003;
const malformed = 2804001;

const actionSources = [
  'website',
  'app',
  'email',
  'phone_call',
  'chat',
  'physical_store',
  'system_generated',
  'business_messaging',
  'other',
];

/** `POST /v{N}/{pixel}/events` (facts, section 2): a request is taken whole or refused whole. */
export const metaEvents: ConversionRoute = {
  name: 'meta_events',
  method: 'POST',
  path: /^\/v\d+\.\d+\/([^/]+)\/events$/,
  source: (_, [pixel]) => pixel ?? null,
  answer: receive,
  failure: ({ kind, httpStatus, code, subcode, transient, message }, nowMs) =>
    kind === 'throttle'
      ? { ...failed(nowMs, 80004, 'There have been too many calls to this account'), throttled: true }
      : failed(nowMs, code, message, subcode, transient, kind === 'status' ? httpStatus : 400),
};

function receive({ platforms, request, parts, fault }: ConversionCall): Reply {
  const nowMs = platforms.clock.nowMs();
  const pixel = parts[0] ?? '';
  const state = platforms.tokens.meta;
  const token = request.query.get('access_token');
  if (token !== credentials.meta.access_token || state === 'revoked')
    return failed(nowMs, 190, 'Invalid OAuth access token', 460);
  if (state === 'expired') return failed(nowMs, 190, 'Error validating access token: it has expired', 463);
  if (state === 'no_permission') return failed(nowMs, 200, 'Permissions error');
  const pixels: readonly string[] = credentials.meta.pixel_ids;
  if (!pixels.includes(pixel)) return failed(nowMs, 100, `Object with ID '${pixel}' does not exist`, 33);
  if (platforms.limits.take('conversions', pixel, 'meta_events') > 0)
    return { ...failed(nowMs, 80004, 'There have been too many calls to this account'), throttled: true };
  const body = jsonBody(request);
  const data: unknown = body?.data;
  if (body === null || !Array.isArray(data) || data.length === 0)
    return failed(nowMs, 100, 'Param data must be a non-empty array');
  if (data.length > mostEvents) return failed(nowMs, 100, `Too many events: at most ${mostEvents}`);
  const ledger = platforms.ledger('meta', pixel);
  for (const event of data) {
    const wrong = isRecord(event) ? eventFault(event, platforms.clock.now()) : 'an event must be an object';
    const refused = platforms.refusals.find('meta', isRecord(event) ? String(event.event_id) : '');
    if (wrong === null && refused === null) continue;
    ledger.refused += data.length;
    const subcode = wrong === old ? tooOld : malformed;
    return failed(nowMs, 100, `Invalid parameter: ${wrong ?? refused?.error}`, subcode);
  }
  const left = fault?.kind === 'partial' ? fault.count : 0;
  for (const event of data.slice(left))
    ledger.take(String(event.event_name), String(event.event_id), nowMs, isText(body.test_event_code));
  const received = Math.max(0, data.length - left);
  return jsonReply(200, { events_received: received, messages: [], fbtrace_id: requestId(nowMs) }, received);
}

const old = 'event_time is older than 7 days';

function eventFault(event: Record<string, unknown>, now: number): string | null {
  const { event_name, event_time, event_id, action_source, user_data, custom_data } = event;
  if (!isText(event_name)) return 'event_name is missing';
  if (event_id !== undefined && !isText(event_id)) return 'event_id must be a text';
  const time = timeFault(event_time, now, action_source === 'physical_store' ? 62 : 7);
  if (time !== null) return time.startsWith('Older') ? old : `event_time: ${time}`;
  if (!actionSources.includes(String(action_source))) return 'action_source is none of the known ones';
  if (!isRecord(user_data) || Object.keys(user_data).length === 0) return 'user_data is missing';
  if (action_source === 'website' && !(isText(event.event_source_url) && isText(user_data.client_user_agent)))
    return 'event_source_url and client_user_agent are required for the website';
  if (custom_data !== undefined && !isRecord(custom_data)) return 'custom_data must be an object';
  return userFault(user_data) ?? customFault(event_name, custom_data ?? {});
}

const hashed = ['em', 'ph', 'fn', 'ln', 'ct', 'st', 'zp', 'country', 'external_id'];

function userFault(user: Record<string, unknown>): string | null {
  for (const name of hashed) {
    if (user[name] === undefined) continue;
    const values: unknown[] = Array.isArray(user[name]) ? user[name] : [user[name]];
    const fine = values.every(
      (value) => typeof value === 'string' && /^([0-9a-f]{64}|[0-9a-f]{32})$/.test(value),
    );
    if (!fine || values.length === 0) return `user_data.${name} must be hashed`;
  }
  return null;
}

function customFault(eventName: string, { value, currency }: Record<string, unknown>): string | null {
  if (value !== undefined && !isAmount(value)) return 'custom_data.value must be a number';
  if (currency !== undefined && !/^[A-Z]{3}$/.test(String(currency)))
    return 'custom_data.currency is no currency';
  return eventName === 'Purchase' && (value === undefined || currency === undefined)
    ? 'custom_data.value and custom_data.currency are required for Purchase'
    : null;
}

function failed(
  nowMs: number,
  code: number,
  message: string,
  subcode: number | null = null,
  transient = false,
  httpStatus = 400,
): Reply {
  const error = {
    message: `(#${code}) ${message}`,
    type: 'OAuthException',
    code,
    ...(subcode === null ? {} : { error_subcode: subcode }),
    is_transient: transient,
    fbtrace_id: requestId(nowMs),
  };
  return { ...jsonReply(httpStatus, { error }), code };
}
