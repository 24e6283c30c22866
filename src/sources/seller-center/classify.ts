import { TidelineError } from '../../errors.ts';
import type { HttpResponse } from '../../http/request.ts';
import { parseRetryAfter } from '../../http/retry-after.ts';
import { isJsonObject } from '../../json-object.ts';
import { ApiError, type ApiErrorOptions } from '../tiktok-shop/errors.ts';
import { parseExactJson } from '../tiktok-shop/json.ts';

/** Errors after which the owner has to act: the source waits and asks nothing more. */
export const parkingCodes: readonly string[] = ['seller-center-session-expired', 'seller-center-human-check'];

/** Errors after which no other day of the run would do better. */
const endingCodes: readonly string[] = [
  ...parkingCodes,
  'seller-center-blocked',
  'seller-center-path-gone',
  'seller-center-signature-refused',
  'seller-center-signature-failed',
  'seller-center-signer-unloadable',
  'seller-center-not-connected',
  'seller-center-parked',
];

export function endsSellerCenterRun(error: unknown): boolean {
  return error instanceof TidelineError && endingCodes.includes(error.code);
}

/** "Must log in" and its relatives. 10000 with a human check wanted is told apart by a header before. */
const sessionCodes = new Set([98_001_002, 98_001_008, 10_008, 10_000]);
const codes = { badParameters: 98_001_004, downstream: 98_001_021, blocked: 100_000 };

type Fault = Omit<ApiErrorOptions, 'kind'> & Partial<Pick<ApiErrorOptions, 'kind'>>;

/**
 * The data of a good answer.
 *
 * @param now milliseconds since 1970; dates in `Retry-After` are counted from it.
 * @throws ApiError for every other answer (signs seen in public clients of the seller center). Nothing of the answer
 * but numbers is in it.
 */
export function readAnswer({ status, headers, body }: HttpResponse, now: number): Record<string, unknown> {
  const requestId = headers['x-tt-logid']?.slice(0, 100) ?? null;
  const refuse = (fault: Fault): ApiError =>
    new ApiError({ kind: 'invalid-request', actor: 'user', httpStatus: status, requestId, ...fault });
  // On whatever answer it comes, going on would be what the check is there to stop.
  if (headers['bdturing-verify'] !== undefined) throw refuse(humanCheck);
  if ([401, 403].includes(status) || (status >= 300 && status < 400)) throw refuse(sessionExpired);
  const text = body.toString('utf8');
  if (status === 404 || text.includes('No matching route')) throw refuse(pathGone);
  if (status === 429 || status >= 500) {
    throw refuse({ ...outage(status), retryAfterMs: parseRetryAfter(headers['retry-after'], now) });
  }
  if (text.trim() === '') throw refuse(headers.tt_orcas_res === '1' ? signatureRefused : unintelligible);
  const envelope = parseObject(text);
  if (envelope === null) throw refuse(/^\s*<|log\s?in/i.test(text) ? sessionExpired : unintelligible);
  const code = numberOf(envelope.code ?? envelope.status_code);
  if (code === null) throw refuse(unintelligible);
  if (code === 0) return isJsonObject(envelope.data) ? envelope.data : {};
  throw refuse({ ...faultOf(code), upstreamCode: code });
}

function faultOf(code: number): Fault {
  if (sessionCodes.has(code)) return sessionExpired;
  if (code === codes.badParameters) return badParameters;
  if (code === codes.downstream) return downstream;
  if (code === codes.blocked) return blocked;
  return {
    code: 'seller-center-refused',
    message: `The seller center refused the request with its code ${code}.`,
    action: 'Look into the seller center whether product analytics are shown there.',
  };
}

const reconnect =
  'Log in to the seller center in your browser, then hand its cookie to Tideline once more and retry the run.';

const sessionExpired: Fault = {
  kind: 'configuration',
  code: 'seller-center-session-expired',
  message: 'The session of the seller center has ended.',
  action: reconnect,
};

const humanCheck: Fault = {
  kind: 'configuration',
  code: 'seller-center-human-check',
  message:
    'The seller center wants to see a human. Tideline has stopped at once, and does not answer such checks.',
  action: `Answer the check in your browser. ${reconnect}`,
};

const pathGone: Fault = {
  code: 'seller-center-path-gone',
  message: 'The seller center no longer knows the address of its product list.',
  action: 'Set another path for this shop, or upload the workbook instead.',
};

const signatureRefused: Fault = {
  code: 'seller-center-signature-refused',
  message: 'The seller center refused the signature of the request, or wants one.',
  action: 'Choose another signer for this shop, or upload the workbook instead.',
};

const blocked: Fault = {
  code: 'seller-center-blocked',
  message: 'The seller center refuses to be read by programs.',
  action: 'Upload the workbook instead.',
};

const badParameters: Fault = {
  code: 'seller-center-bad-parameters',
  message: 'The seller center did not take the parameters of the request.',
  action: 'Check seller_id, fp, the path and the signer of this shop.',
};

const downstream: Fault = {
  kind: 'transient',
  actor: 'retry',
  code: 'seller-center-downstream',
  message: 'A service behind the seller center failed.',
};

const unintelligible: Fault = {
  kind: 'invalid-response',
  actor: 'retry',
  code: 'seller-center-unintelligible',
  message: 'The seller center answered with something that is no answer.',
};

function outage(status: number): Fault {
  return {
    kind: status === 429 ? 'rate-limited' : 'transient',
    actor: 'retry',
    code: status === 429 ? 'seller-center-throttled' : 'seller-center-unavailable',
    message: `The seller center answered with ${status}.`,
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value = parseExactJson(text);
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}
