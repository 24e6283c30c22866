import { TidelineError } from '../errors.ts';

/**
 * What broke below the HTTP answer: `connect` (refused or unreachable), `tls` (certificate or handshake), `dns`,
 * `timeout` (connection, headers or whole body), `reset` (the connection ended early), `too-large` (over the size
 * limit), `malformed` (not HTTP, or a body whose content encoding is broken).
 */
export type HttpErrorKind = 'connect' | 'tls' | 'dns' | 'timeout' | 'reset' | 'too-large' | 'malformed';

/**
 * No usable HTTP answer came. A broken certificate asks for the operator; everything else may be tried again.
 * The message names the origin only: paths and queries may carry secrets.
 */
export class HttpError extends TidelineError {
  readonly kind: HttpErrorKind;

  constructor(kind: HttpErrorKind, message: string, cause?: unknown) {
    super({ code: `http-${kind}`, message, actor: kind === 'tls' ? 'operator' : 'retry', cause });
    this.name = 'HttpError';
    this.kind = kind;
  }
}

const dnsCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);
const connectCodes = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
]);
const timeoutCodes = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const tlsCode =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** Turns what undici or the operating system reported into an {@link HttpError}; an `HttpError` passes unchanged. */
export function toHttpError(origin: string, error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = codeOf(error);
  if (dnsCodes.has(code)) {
    return new HttpError('dns', `The host name of ${origin} could not be resolved (${code}).`, error);
  }
  if (connectCodes.has(code)) {
    return new HttpError('connect', `No connection to ${origin} could be made (${code}).`, error);
  }
  if (timeoutCodes.has(code)) {
    return new HttpError('timeout', `${origin} did not answer in time (${code}).`, error);
  }
  if (tlsCode.test(code)) {
    return new HttpError('tls', `No secure connection to ${origin} could be made (${code}).`, error);
  }
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new HttpError('malformed', `${origin} answered with something that is not HTTP (${code}).`, error);
  }
  return new HttpError('reset', `The connection to ${origin} ended early (${code || 'no code'}).`, error);
}

/** Several addresses tried in turn end in one AggregateError, whose first member tells why. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return '';
}
