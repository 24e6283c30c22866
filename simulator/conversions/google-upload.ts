import { isRecord } from '../files/json-facts.ts';
import { type Reply, requestId } from '../platform/reply.ts';
import { isText, jsonBody } from './checks.ts';
import { uploadFault } from './google-events.ts';
import { googleFailure, withoutAccess } from './google-oauth.ts';
import { credentials } from './platforms.ts';
import { type ConversionCall, type ConversionRoute, jsonReply } from './route.ts';

const mostRows = 2_000;
const largestAgeMs = 90 * 86_400_000;

/** `POST /v{N}/customers/{id}:uploadClickConversions` (facts, section 3.2): rows fail one by one inside HTTP 200. */
export const googleUpload: ConversionRoute = {
  name: 'google_upload',
  method: 'POST',
  path: /^\/v\d+\/customers\/(\d+):uploadClickConversions$/,
  source: (_, [customer]) => customer ?? null,
  answer: upload,
  failure: ({ kind, httpStatus, error, message }) =>
    kind === 'throttle'
      ? { ...failed(429, 'RESOURCE_EXHAUSTED', 'quotaError', 'Too many requests'), throttled: true }
      : failed(httpStatus === 200 ? 400 : httpStatus, error ?? 'INTERNAL_ERROR', 'internalError', message),
};

function upload({ platforms, request, parts, fault }: ConversionCall): Reply {
  const refused = withoutAccess(platforms, request);
  if (refused !== null) return refused;
  const { developer_token, customer_id } = credentials.google_ads;
  if (request.headers['developer-token'] !== developer_token)
    return failed(401, 'DEVELOPER_TOKEN_INVALID', 'authenticationError', 'The developer token is not valid');
  const customer = parts[0] ?? '';
  if (customer !== customer_id)
    return failed(403, 'USER_PERMISSION_DENIED', 'authorizationError', 'No access to this customer');
  if (!platforms.settings.uploadAllowed)
    return failed(
      403,
      'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE',
      'notAllowlistedError',
      'Use Data Manager',
    );
  if (platforms.limits.take('conversions', customer, 'google_upload') > 0)
    return { ...failed(429, 'RESOURCE_EXHAUSTED', 'quotaError', 'Too many requests'), throttled: true };
  const body = jsonBody(request);
  const rows: unknown = body?.conversions;
  if (body?.partialFailure !== true)
    return failed(
      400,
      'PARTIAL_FAILURE_MODE_REQUIRED',
      'conversionUploadError',
      'partial_failure must be true',
    );
  if (!Array.isArray(rows) || rows.length === 0)
    return failed(400, 'REQUIRED', 'fieldError', 'conversions is missing');
  if (rows.length > mostRows)
    return failed(400, 'TOO_MANY_CONVERSIONS_IN_REQUEST', 'conversionUploadError', `At most ${mostRows}`);
  const left = fault?.kind === 'partial' ? fault.count : 0;
  const inRequest = new Set<string>();
  const errors: Record<string, unknown>[] = [];
  const results = rows.map((row: unknown, position) => {
    const error = position < left ? 'INTERNAL_ERROR' : rowError(platforms, row, customer, inRequest);
    if (error !== null) {
      errors.push(rowFailure(error, position));
      return {};
    }
    if (!isRecord(row)) return {};
    const action = String(row.conversionAction).split('/').at(-1) ?? '';
    const test = body.validateOnly === true;
    platforms.ledger('google_ads', action).take(action, String(row.orderId), platforms.clock.nowMs(), test);
    return test
      ? {}
      : {
          conversionAction: row.conversionAction,
          conversionDateTime: row.conversionDateTime,
          orderId: row.orderId,
        };
  });
  const id = requestId(platforms.clock.nowMs());
  const partialFailureError = {
    code: 3,
    message: 'Multiple errors in conversion upload',
    details: [{ errors, requestId: id }],
  };
  const answer = { results, ...(errors.length === 0 ? {} : { partialFailureError }) };
  return { ...jsonReply(200, answer, rows.length - errors.length), headers: { 'request-id': id } };
}

function rowError(
  platforms: ConversionCall['platforms'],
  row: unknown,
  customer: string,
  inRequest: Set<string>,
): string | null {
  const wrong = uploadFault(row, customer);
  if (wrong !== null || !isRecord(row)) return wrong?.reason ?? null;
  const action = String(row.conversionAction).split('/').at(-1) ?? '';
  const actions: readonly string[] = credentials.google_ads.conversion_actions;
  if (!actions.includes(action)) return 'NO_CONVERSION_ACTION_FOUND';
  const time = Date.parse(String(row.conversionDateTime).replace(' ', 'T'));
  if (platforms.clock.nowMs() - time > largestAgeMs) return 'EXPIRED_EVENT';
  if (!isText(row.orderId)) return null;
  const refusal = platforms.refusals.find('google_ads', row.orderId);
  if (refusal !== null) return refusal.error;
  const key = `${action} ${row.orderId}`;
  if (inRequest.has(key)) return 'DUPLICATE_ORDER_ID';
  inRequest.add(key);
  return platforms.ledger('google_ads', action).has(action, row.orderId) ? 'ORDER_ID_ALREADY_IN_USE' : null;
}

function rowFailure(error: string, index: number): Record<string, unknown> {
  const family = error === 'INTERNAL_ERROR' ? 'internalError' : 'conversionUploadError';
  return {
    errorCode: { [family]: error },
    message: `The conversion was refused: ${error}`,
    location: { fieldPathElements: [{ fieldName: 'conversions', index }] },
  };
}

function failed(code: number, error: string, family: string, message: string): Reply {
  const status =
    code === 429 ? 'RESOURCE_EXHAUSTED' : code === 403 ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT';
  return googleFailure(code, status, message, [{ errors: [{ errorCode: { [family]: error }, message }] }]);
}
